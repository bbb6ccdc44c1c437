package sandbox

import "slices"

// taskScopes are the scopes of the task methods of REST 2.0.
var taskScopes = []string{"task"}

func taskEntities() []*entity {
	return []*entity{
		taskEntity, taskChangeEntity, taskTagEntity, taskFileEntity, taskLinkEntity, taskPlanEntity, taskUserfieldEntity,
	}
}

// taskParts are what a task takes along when it is deleted: their TASK_ID names it.
func taskParts() []*entity {
	return append(taskPartEntities(), taskChangeEntity, taskFileEntity, taskPlanEntity)
}

func taskMethods() []method {
	return slices.Concat([]method{
		{name: "tasks.task.get", scopes: taskScopes, run: taskGet},
		{name: "tasks.task.list", scopes: taskScopes, run: taskList},
		{name: "tasks.task.add", scopes: taskScopes, run: taskAdd},
		{name: "tasks.task.update", scopes: taskScopes, run: taskUpdate},
		{name: "tasks.task.delete", scopes: taskScopes, run: taskDelete},
		{name: "tasks.task.getfields", scopes: taskScopes, run: taskGetFields},
		{name: "tasks.task.getaccess", scopes: taskScopes, run: taskAccess},
		{name: "tasks.task.delegate", scopes: taskScopes, run: taskDelegate},
		{name: "tasks.task.files.attach", scopes: taskScopes, run: taskFilesAttach},
		{name: "tasks.task.history.list", scopes: taskScopes, run: taskHistory},
		{name: "task.dependence.add", scopes: taskScopes, run: taskLinkAdd},
		{name: "task.dependence.delete", scopes: taskScopes, run: taskLinkDelete},
		{name: "task.planner.getlist", scopes: taskScopes, run: taskPlan},
	}, statusMethods(), memberMethods(), taskUserfieldMethods())
}
