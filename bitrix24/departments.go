package bitrix24

// Department is a department as department.get answers
// (https://apidocs.bitrix24.com/api-reference/departments/department-get.html).
type Department struct {
	ID     ID   `json:"ID"`
	Name   Text `json:"NAME"`
	Sort   ID   `json:"SORT"`
	Parent ID   `json:"PARENT"`  // 0 for the company itself
	Head   ID   `json:"UF_HEAD"` // user; 0 for none
}
