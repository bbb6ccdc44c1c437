// Package catalog describes every function of oint: its name, options, wire
// form and replay class. It is the only place that knows them; the command
// line, its help, completion, the Go methods and the reference pages are read
// or generated from it.
//
// The source is one YAML file per region in this folder. "go generate ./..."
// checks it and writes index.json, which this package embeds.
package catalog

// Kind says where a function runs.
type Kind string

// The kinds of functions.
const (
	REST  Kind = "rest"  // a REST method of the portal
	OAuth Kind = "oauth" // a request to the authorization server
	Local Kind = "local" // computed here, nothing is sent

	// Composed functions make something of their own of what a REST method
	// answers.
	Composed Kind = "composed"
)

// Replay says whether a call whose fate is unknown may be sent once more.
type Replay string

// The replay classes.
const (
	Safe       Replay = "safe"       // changes nothing
	Idempotent Replay = "idempotent" // sets fixed values, the second run changes nothing
	Once       Replay = "once"       // creates or moves something, never repeated blindly
)

// Function is one function of the library, e.g. UpdateUser.
type Function struct {
	Name     string   `json:"name"`
	Aliases  []string `json:"aliases,omitempty"` // further accepted names
	Region   string   `json:"region"`            // file name without extension, e.g. "users"
	Summary  string   `json:"summary"`           // one line, ends with a full stop
	Details  string   `json:"details,omitempty"` // further paragraphs
	Kind     Kind     `json:"kind"`
	Method   string   `json:"method,omitempty"` // REST method, or the OAuth grant type
	HTTP     string   `json:"http,omitempty"`   // POST (JSON body) or GET (query)
	Replay   Replay   `json:"replay"`
	Options  []Option `json:"options"`            // in the order of the signature
	Send     []string `json:"send,omitempty"`     // option names in wire order, when it is not the order of Options
	Result   string   `json:"result"`             // Go type of the result: bool, ID, []User, json.RawMessage …
	Doc      string   `json:"doc,omitempty"`      // page of the vendor's documentation
	Example  []string `json:"example"`            // arguments after the function name; runs on the sandbox
	Template []Field  `json:"template,omitempty"` // what a local …Structure function prints

	Constants []Constant `json:"constants,omitempty"` // parameters that are always the same, sent last
	Unwrap    string     `json:"unwrap,omitempty"`    // key of the result that Result describes, when it is not the whole of it
	Partial   string     `json:"partial,omitempty"`   // what the sandbox lacks of the method; empty when its state is full

	Bulk string `json:"bulk,omitempty"` // Go method that calls it any number of times, e.g. UpdateUsers
	Rows string `json:"rows,omitempty"` // Go method that reads all its rows, e.g. Departments
}

// Option is one option of a function.
type Option struct {
	Name     string   `json:"name"`  // without dashes, e.g. "userid"
	Short    string   `json:"short"` // one letter
	Param    string   `json:"param"` // name in the original's signature, e.g. "UserID"
	Type     string   `json:"type"`  // for readers: "String, Number"
	As       Convert  `json:"as"`
	Required bool     `json:"required,omitempty"`
	Default  string   `json:"default,omitempty"` // the text used when the option is not given
	Wire     string   `json:"wire,omitempty"`    // key of the request ("auth" for token, the option's name in a local function); empty for url and merge
	Summary  string   `json:"summary"`           // one line
	See      string   `json:"see,omitempty"`     // function that lists the possible values
	Enum     []string `json:"enum,omitempty"`    // allowed values; "#" in one stands for digits, as in chat#
	Secret   bool     `json:"secret,omitempty"`
	Of       string   `json:"of,omitempty"`     // what an array holds, where Type does not say it: structure, number or string
	Max      int      `json:"max,omitempty"`    // characters of the longest text; 0 means any
	Unless   string   `json:"unless,omitempty"` // option that keeps this one from being sent
	Named    string   `json:"named,omitempty"`  // option with the name of the file
	Pick     []Picked `json:"pick,omitempty"`   // the keys of a picked structure
}

// Field is one key of a local template. Dots lead into structures, and brackets
// into a list: rrule.FREQ, remind[].type.
type Field struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

// Constant is a parameter with a fixed text.
type Constant struct {
	Wire  string `json:"wire"`
	Value string `json:"value"`
}

// Picked is one key of a picked structure and how its value is converted.
type Picked struct {
	Key string  `json:"key"`
	As  Convert `json:"as"`
}

// Convert says how the text of an option becomes a value of the request.
type Convert string

// The conversions. Every one leaves an option that is not given out of the
// request, unless it has a default.
const (
	AsURL     Convert = "url"      // portal address, not part of the request
	AsToken   Convert = "token"    // access token
	AsString  Convert = "string"   // text as it is
	AsID      Convert = "id"       // id: text on the wire, ID in Go
	AsNumber  Convert = "number"   // JSON number
	AsBool    Convert = "bool"     // JSON true or false
	AsYN      Convert = "yn"       // "Y" or "N"
	AsNotYN   Convert = "not-yn"   // "N" for true, "Y" for false
	AsArray   Convert = "array"    // JSON array; a scalar or object becomes its only element
	AsObject  Convert = "object"   // JSON object under the wire key
	AsMerge   Convert = "merge"    // JSON object whose keys are copied to the top level
	AsJSON    Convert = "json"     // JSON array or object under the wire key
	AsDate    Convert = "date"     // yyyy-MM-dd
	AsTime    Convert = "datetime" // yyyy-MM-ddTHH:mm:ss
	AsTimeZ   Convert = "datetimez"
	AsZoned   Convert = "zoned"     // yyyy-MM-ddTHH:mm:ss with the offset of its zone
	AsUnix    Convert = "unix"      // seconds since 1970
	AsBase64  Convert = "base64"    // bytes of a path, an address or base64 text
	AsFiles   Convert = "files"     // map name → source, sent as [[name, base64] …]
	AsContent Convert = "text"      // text of a path or an address, or the text itself
	AsPair    Convert = "file-pair" // a file, sent as [name, base64]
	AsUpload  Convert = "upload"    // a file, sent to the address that the method answers
	AsPick    Convert = "pick"      // JSON object of which known keys are copied to the top level
)
