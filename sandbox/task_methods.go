package sandbox

func taskMethods() []method {
	return []method{}
}
