package dexcom

import "fmt"

// ShareRegion is one of Dexcom Share's separate clouds. An account of another one
// is refused exactly like a wrong password (clients).
type ShareRegion string

// The regions of Dexcom Share (clients).
const (
	ShareUS  ShareRegion = "us"
	ShareOUS ShareRegion = "ous" // everywhere outside the United States and Japan
	ShareJP  ShareRegion = "jp"
)

// BaseURL returns where the region's Share lives: scheme and host, without
// /ShareWebServices. An unknown region is an error.
func (r ShareRegion) BaseURL() (string, error) {
	switch r {
	case ShareUS:
		return "https://share2.dexcom.com", nil
	case ShareOUS:
		return "https://shareous1.dexcom.com", nil
	case ShareJP:
		return "https://share.dexcom.jp", nil
	}
	return "", fmt.Errorf("unknown region %q of Dexcom Share: want us, ous or jp", string(r))
}

// applicationID is the name of Dexcom's own phone app, which every client gives as
// its own. It is public.
func (r ShareRegion) applicationID() string {
	if r == ShareJP {
		return "d8665ade-9673-4e27-9ff6-92db4ce13d13"
	}
	return "d89443d2-327c-4a6f-89e5-496bbb0317db"
}
