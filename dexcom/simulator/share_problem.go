package simulator

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// shareProblem is why Share does not do what it is asked.
type shareProblem struct {
	code, message string
	kind          shareKind // zero has no details
}

// shareKind is how the details of a problem name its kind, in words and numbers.
type shareKind struct {
	errorCode                string
	number, category, degree int
	name, area, severity     string
}

// passwordInvalid is the answer to wrong credentials.
func passwordInvalid() *shareProblem {
	const code = "AccountPasswordInvalid"
	kind := shareKind{code, 13, 4, 1, "InvalidPassword", "Validation", "Minor"}
	return &shareProblem{code, "Publisher account password failed", kind}
}

func (s *ShareSettings) wrongCredentials(k credentials) *shareProblem {
	switch {
	case !s.InternalError:
		return passwordInvalid()
	case k.AccountName != "":
		return &shareProblem{code: "SSO_InternalError", message: "Cannot Authenticate by AccountName"}
	default:
		return &shareProblem{code: "SSO_InternalError", message: "Cannot Authenticate by AccountId"}
	}
}

func (s *ShareSettings) maxAttempts() *shareProblem {
	code := "SSO_AuthenticateMaxAttemptsExceeded"
	if s.OldSpelling {
		code = "SSO_AuthenticateMaxAttemptsExceeed"
	}
	return &shareProblem{code: code, message: "Maximum authentication attempts exceeded"}
}

func invalidArgument(message string) *shareProblem {
	return &shareProblem{code: "InvalidArgument", message: message}
}

// noUUID refuses a text that is none. Only the word UUID in it is known.
func noUUID(text string) *shareProblem {
	return invalidArgument(fmt.Sprintf("Invalid UUID string: %.100s", text))
}

func sessionUnknown(id string) *shareProblem {
	const code = "SessionIdNotFound"
	kind := shareKind{code, 5, 2, 2, "ObjectNotFound", "Database", "Severe"}
	return &shareProblem{code, "Failed to find session object. [SessionId = " + id + "]", kind}
}

func sessionEnded(id string) *shareProblem {
	const code = "SessionNotValid"
	kind := shareKind{"", 6, 5, 1, code, "Logical", "Minor"}
	return &shareProblem{code, "Session not active or timed out. [SessionId = " + id + "]", kind}
}

// onlineException is the details of a problem.
type onlineException struct {
	XMLName         xml.Name `xml:"OnlineException" json:"-"`
	DateThrownLocal string   `xml:",attr"`
	DateThrown      string   `xml:",attr"`
	ErrorCode       string   `xml:",attr"`
	Type            int      `xml:",attr"`
	Category        int      `xml:",attr"`
	Severity        int      `xml:",attr"`
	TypeString      string   `xml:",attr"`
	CategoryString  string   `xml:",attr"`
	SeverityString  string   `xml:",attr"`
	HostName        string   `xml:",attr"`
	HostIP          string   `xml:",attr"`
	ID              string   `xml:"Id,attr" json:"Id"`
	Message         string   `xml:",attr"`
	FullText        string   `xml:",attr"`
}

// details are the SubCode of a problem, in JSON or XML. The id is that of the
// one time it happened.
func (p *shareProblem) details(inJSON bool, id string, now time.Time) string {
	const date = "2006-01-02T15:04:05.000000000"
	k := p.kind
	if k == (shareKind{}) {
		return ""
	}
	x := onlineException{
		DateThrownLocal: now.UTC().Format(date),
		DateThrown:      now.UTC().Format(date + "Z"),
		ErrorCode:       k.errorCode,
		Type:            k.number,
		Category:        k.category,
		Severity:        k.degree,
		TypeString:      k.name,
		CategoryString:  k.area,
		SeverityString:  k.severity,
		ID:              "{" + id + "}",
		Message:         p.message,
		FullText:        "com.dexcom.udp.common.data.exception.OnlineException: " + p.message,
	}
	if inJSON {
		x.ID = id
		text, _ := json.MarshalIndent(map[string]any{"OnlineException": x}, "", "    ") // never fails
		return string(text)
	}
	text, _ := xml.Marshal(x) // never fails
	return strings.Replace(string(text), "></OnlineException>", " />", 1)
}

// send answers a problem as Share does: always with status 500.
func (p *shareProblem) send(w http.ResponseWriter, details string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // the XML in it is plain to see
	_ = e.Encode(struct {  // fails only if the client is gone
		Code, Message, SubCode, TypeName string
	}{p.code, p.message, details, "FaultException"})
}

// fail answers a problem in the words of the settings.
func (s *shareServer) fail(w http.ResponseWriter, p *shareProblem, now time.Time) {
	s.mu.Lock()
	id, inJSON := s.uuid("", forShareException), s.settings.JSONSubCode
	s.mu.Unlock()
	p.send(w, p.details(inJSON, id, now))
}

// RefuseCredentials answers AccountPasswordInvalid, whatever the password: Share
// does so at times (nightscout/cgm-remote-monitor, issue 8440). It is no failed
// login of the account. It is for logins to Share only.
func RefuseCredentials() Fault {
	return Fault{name: "credentials refused", serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		now := time.Now()
		p := passwordInvalid()
		p.send(w, p.details(false, uuid(uint64(now.UnixNano()), forShareException, 0), now))
	}}
}
