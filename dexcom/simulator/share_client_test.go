package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The ids that clients of Share send, by region.
const (
	usID = "d89443d2-327c-4a6f-89e5-496bbb0317db"
	jpID = "d8665ade-9673-4e27-9ff6-92db4ce13d13"
)

const (
	authenticatePath = "/ShareWebServices/Services/General/AuthenticatePublisherAccount"
	loginPath        = "/ShareWebServices/Services/General/LoginPublisherAccountById"
	loginByNamePath  = "/ShareWebServices/Services/General/LoginPublisherAccountByName"
	readPath         = "/ShareWebServices/Services/Publisher/ReadPublisherLatestGlucoseValues"
	clockPath        = "/ShareWebServices/Services/General/SystemUtcTime"
)

// sharing is a cloud in which everybody has an account: the name is user name
// and password.
func sharing(t testing.TB, people ...*Person) *Cloud {
	t.Helper()
	c := New(people...)
	for _, p := range people {
		c.Share(ShareAccount{Person: p.Name, Username: p.Name, Password: p.Name})
	}
	return c
}

// shareBubble runs a test at a time when there are readings, with a fake clock.
func shareBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon()))
		test(t)
	})
}

func sharePost(t testing.TB, pathAndQuery, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site+pathAndQuery, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

// credentialsOf are the body of a login: keys and values in pairs over those of
// a user whose password is the same.
func credentialsOf(user string, changes ...string) string {
	fields := map[string]string{"accountName": user, "password": user, "applicationId": usID}
	for pair := range slices.Chunk(changes, 2) {
		fields[pair[0]] = pair[1]
	}
	text, _ := json.Marshal(fields)
	return string(text)
}

// asked is an answer of Share: a UUID, or the code of a failure.
func asked(t testing.TB, c *Cloud, path, body string) string {
	t.Helper()
	status, text := send(t, c, sharePost(t, path, body))
	if status == http.StatusOK {
		var id string
		if err := json.Unmarshal(text, &id); err != nil || !isUUID(id) {
			t.Fatalf("%s answers %s", path, text)
		}
		return id
	}
	return codeOf(t, status, text)
}

func codeOf(t testing.TB, status int, text []byte) string {
	t.Helper()
	var problem struct{ Code, Message, SubCode, TypeName string }
	if err := json.Unmarshal(text, &problem); err != nil || status != 500 || problem.TypeName != "FaultException" {
		t.Fatalf("%d %s", status, text)
	}
	return problem.Code
}

// tryLogin is what a client does with a user name and a password.
func tryLogin(t testing.TB, c *Cloud, user, password string) string {
	t.Helper()
	id := asked(t, c, authenticatePath, credentialsOf(user, "password", password))
	if !isUUID(id) {
		return id
	}
	return asked(t, c, loginPath, credentialsOf("", "accountId", id, "password", password))
}

// sessionOf is a new session of a user whose password is the user name.
func sessionOf(t testing.TB, c *Cloud, user string) string {
	t.Helper()
	id := tryLogin(t, c, user, user)
	if !isUUID(id) || id == zeroUUID {
		t.Fatalf("login of %s: %s", user, id)
	}
	return id
}

// latest is the answer to a request for readings.
func latest(t testing.TB, c *Cloud, session string, minutes, maxCount int) (int, []byte) {
	t.Helper()
	query := "?sessionId=" + session + "&minutes=" + strconv.Itoa(minutes) + "&maxCount=" + strconv.Itoa(maxCount)
	return send(t, c, sharePost(t, readPath+query, ""))
}

// allOf is everything that Share has for a session.
func allOf(t testing.TB, c *Cloud, session string) []byte {
	t.Helper()
	status, body := latest(t, c, session, 2880, 576)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	return body
}

// interpreted is what a careful client makes of a record.
type interpreted struct {
	at    time.Time
	value int
	trend string
}

// interpret reads an answer as a careful client does, and turns it around. It
// knows nothing of how it was written.
func interpret(t testing.TB, body []byte) []interpreted {
	t.Helper()
	var records []map[string]any
	if err := json.Unmarshal(body, &records); err != nil || records == nil {
		t.Fatalf("%s: %v", body, err)
	}
	var all []interpreted
	for _, r := range records {
		at := shareInstant(r["WT"], r["DT"], r["ST"])
		value := int(r["Value"].(float64))
		if at.Year() > 1980 && value >= 39 {
			all = append(all, interpreted{at, value, shareArrow(r["Trend"])})
		}
	}
	slices.Reverse(all)
	return all
}

// shareInstant is the first that can be read.
func shareInstant(written ...any) time.Time {
	for _, x := range written {
		text, _ := x.(string)
		inner, opened := strings.CutPrefix(strings.Trim(text, "/"), "Date(")
		inner, closed := strings.CutSuffix(inner, ")")
		if sign := strings.LastIndexAny(inner, "+-"); sign > 0 {
			inner = inner[:sign]
		}
		ms, err := strconv.ParseInt(inner, 10, 64)
		if opened && closed && err == nil {
			return time.UnixMilli(ms).UTC()
		}
	}
	return time.Time{}
}

// shareArrow is the trend in small letters without spaces.
func shareArrow(trend any) string {
	if n, number := trend.(float64); number {
		return []string{
			"none", "doubleup", "singleup", "fortyfiveup", "flat", "fortyfivedown",
			"singledown", "doubledown", "notcomputable", "rateoutofrange",
		}[int(n)]
	}
	return strings.ToLower(strings.ReplaceAll(trend.(string), " ", ""))
}

// truthOf is what a careful client should have understood.
func truthOf(readings []ShareReading) []interpreted {
	var all []interpreted
	for _, r := range readings {
		all = append(all, interpreted{r.Time, r.Value, strings.ToLower(r.Trend)})
	}
	return all
}

func shareFile(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../testdata/share/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shareFiles are all samples whose name begins so.
func shareFiles(t testing.TB, prefix string) [][]byte {
	t.Helper()
	entries, err := os.ReadDir("../testdata/share")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			all = append(all, shareFile(t, e.Name()))
		}
	}
	if all == nil {
		t.Fatalf("no sample begins with %s", prefix)
	}
	return all
}

// raw sends a request whose answer may be of any type.
func raw(t testing.TB, c *Cloud, r *http.Request) (int, string) {
	t.Helper()
	response, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body.String()
}
