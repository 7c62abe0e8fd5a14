// Package dexcom reads continuous glucose monitors from Dexcom's cloud.
//
// Start with [NewClient] and a source of access tokens; [Client.EGVs],
// [Client.Events], [Client.Devices] and the like are the official API's
// endpoints, in version 3 or 2. [NewShare] and a login read Dexcom Share, the
// undocumented service behind the followers' app: [Share.Readings] are minutes old
// where the API is hours late, and have nothing but value and arrow. Every failure
// is an [Error] whose [Reason] comes from a small closed set.
//
// Dexcom's bodies are read leniently: a record that makes no sense is left out
// and reported in [List.Skipped], and never costs the records beside it. Every
// name that ends up as a label (generation, display, alert …) comes from a
// closed set with "unknown" in it, whatever Dexcom sends.
//
// The package knows nothing of metrics, configuration or schedules, retries
// nothing but what its documentation says, and never contacts Dexcom on its own.
// It spends neither what is single-use nor the patience of Dexcom's login twice: a
// [Grant] and a [StateFile] hold what has to outlast the program.
// Facts about the API carry their source: pages of developer.dexcom.com, or
// "clients" where only the experience of other programs is known.
package dexcom

import "fmt"

// Region is one of Dexcom's separate clouds. A registered app and the accounts
// it reads must live in the same one.
type Region string

// The regions of the official API
// (developer.dexcom.com/docs/dexcomv3/endpoint-overview).
const (
	US      Region = "us"
	EU      Region = "eu" // everywhere outside the United States and Japan
	JP      Region = "jp"
	Sandbox Region = "sandbox" // Dexcom's own simulated users
)

// BaseURL returns where the region's API lives, without a path. An unknown
// region is an error.
func (r Region) BaseURL() (string, error) {
	switch r {
	case US:
		return "https://api.dexcom.com", nil
	case EU:
		return "https://api.dexcom.eu", nil
	case JP:
		return "https://api.dexcom.jp", nil
	case Sandbox:
		return "https://sandbox-api.dexcom.com", nil
	}
	return "", fmt.Errorf("unknown region %q: want us, eu, jp or sandbox", string(r))
}
