package sandbox

// diskMethods are the methods of drives
// (https://apidocs.bitrix24.com/api-reference/disk/index.html).
func diskMethods() []method {
	scope := []string{"disk"}
	return []method{
		{name: "disk.rights.getTasks", scopes: scope, run: diskRightsTasks},
	}
}
