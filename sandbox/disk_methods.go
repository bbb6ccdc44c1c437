package sandbox

// diskMethods are the methods of drives
// (https://apidocs.bitrix24.com/api-reference/disk/index.html). What each needs
// of rights is documented there.
func diskMethods() []method {
	show := func(c *call, d drive, object row) (result, error) { return c.objectAnswer(d, object) }
	methods := []method{
		{name: "disk.rights.getTasks", run: diskRightsTasks},

		{name: "disk.storage.getFields", run: diskFields(storageFields)},
		{name: "disk.storage.getList", run: diskStorageList},
		{name: "disk.storage.getForApp", run: diskStorageForApp},
		{name: "disk.storage.get", run: diskStorageGet},
		{name: "disk.storage.rename", run: diskStorageRename},
		{name: "disk.storage.getChildren", run: diskStorageChildren},
		{name: "disk.storage.addFolder", run: diskStorageAddFolder},
		{name: "disk.storage.uploadFile", largeFiles: true, run: diskStorageUpload},

		{name: "disk.folder.getFields", run: diskFields(folderFields)},
		{name: "disk.folder.get", run: looking(anyFolder(mayRead), show)},
		{name: "disk.folder.getChildren", run: looking(folder(mayNothing), (*call).children)},
		{name: "disk.folder.addSubFolder", run: changing(folder(mayAdd), (*call).addFolder)},
		{name: "disk.folder.rename", run: changing(folder(mayEdit), (*call).rename)},
		{name: "disk.folder.copyTo", run: changing(folder(mayRead), (*call).copyTo)},
		{name: "disk.folder.moveTo", run: changing(folder(mayEdit), (*call).moveTo)},
		{name: "disk.folder.markDeleted", run: changing(folder(mayAll), (*call).moveToTrash)},
		{name: "disk.folder.restore", run: changing(byAdmin(anyFolder(mayEdit)), (*call).takeFromTrash)},
		{name: "disk.folder.deleteTree", run: changing(anyFolder(mayAll), (*call).deleteForGood)},
		{name: "disk.folder.getExternalLink", run: changing(folder(mayRead), (*call).externalLink)},
		{name: "disk.folder.uploadFile", largeFiles: true, run: diskFolderUpload},

		{name: "disk.file.getFields", run: diskFields(fileFields)},
		{name: "disk.file.get", run: looking(anyFile(mayRead), show)},
		{name: "disk.file.rename", run: changing(onlyFile(mayEdit), (*call).rename)},
		{name: "disk.file.copyTo", run: changing(onlyFile(mayRead), (*call).copyTo)},
		{name: "disk.file.moveTo", run: changing(onlyFile(mayEdit), (*call).moveTo)},
		{name: "disk.file.markDeleted", run: changing(onlyFile(mayEdit), (*call).moveToTrash)},
		{name: "disk.file.restore", run: changing(anyFile(mayEdit), (*call).takeFromTrash)},
		{name: "disk.file.delete", run: changing(anyFile(mayAll), (*call).deleteForGood)},
		{name: "disk.file.getExternalLink", run: changing(onlyFile(mayRead), (*call).externalLink)},
	}
	for i := range methods {
		methods[i].scopes = []string{"disk"}
	}
	return methods
}
