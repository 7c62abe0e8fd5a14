package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// forger stands between the program and a Prometheus and changes what the one tells
// the other, line by line.
func forger(t *testing.T, e exporter, forge func(line string) string) (address string) {
	t.Helper()
	url := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told, err := e.visitor().ask(http.MethodGet, r.URL.RequestURI()) // in the plain text format
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", told.header.Get("Content-Type"))
		w.WriteHeader(told.status)
		for line := range strings.Lines(told.body) {
			_, _ = w.Write([]byte(forge(line))) // fails only if the client is gone
		}
	}))
	return strings.TrimPrefix(url, "http://")
}

// forgery is something wrong with one account's data, and what an audit must find.
type forgery struct {
	account string
	metric  string
	forge   func(line string) string // of one sample
	want    tally
}

func forgeries() []forgery {
	drop := func(string) string { return "" }
	move := func(by time.Duration) func(line string) string {
		return func(line string) string {
			fields := strings.Fields(line)
			var unixMilli int64
			_, _ = fmt.Sscan(fields[2], &unixMilli) // the program wrote it
			return fmt.Sprintf("%s %s %d\n", fields[0], fields[1], unixMilli+by.Milliseconds())
		}
	}
	change := func(line string) string {
		fields := strings.Fields(line)
		return fmt.Sprintf("%s %s.5 %s\n", fields[0], fields[1], fields[2])
	}
	double := func(line string) string { return line + move(time.Second)(line) }
	return []forgery{
		{"dropped", egvs, drop, tally{lost: 1}},
		{"changed", egvs, change, tally{wrong: 1}},
		{"moved", egvs, move(time.Millisecond), tally{lost: 1, doubled: 1}},
		{"doubled", egvs, double, tally{doubled: 1}},
		{"rateless", rates, drop, tally{lost: 1}},
		{"eventless", event, drop, tally{lost: 1}},
	}
}

// The audit of the other tests finds one sample that is dropped, changed, moved or
// doubled on purpose, and one reading that the counters miss.
func TestAuditFindsForgeries(t *testing.T) {
	t.Parallel()
	var patients []*patient
	for _, f := range forgeries() {
		patients = append(patients, patientOf(t, simulator.Person{Name: f.account, HoldBack: time.Hour, Mean: 120, Swing: 10}, 2*time.Hour, false, false, inOrder(1)))
	}
	servers := lateServers(t, "24h")
	c := openClinic(t, patients...)
	c.post.deliver(1)
	truth := c.truth(1)
	address := forger(t, c.run, func(line string) string {
		for _, f := range forgeries() {
			if strings.HasPrefix(line, f.metric+"{") && strings.HasSuffix(line, f.victim(truth)) && strings.Contains(line, fmt.Sprintf("account=%q", f.account)) {
				return f.forge(line)
			}
		}
		if strings.HasPrefix(line, `dexcom_egvs_total{account="dropped",range="target"}`) {
			return `dexcom_egvs_total{account="dropped",range="target"} 0` + "\n"
		}
		return line
	})
	for _, s := range servers {
		s.follow(t, address)
	}
	for _, s := range servers {
		for _, f := range forgeries() {
			s.expectFound(t, f, truth)
		}
		s.expectMiscounted(t, c, `dexcom_egvs_total{account="dropped",range="target"}`)
	}
}

// expectMiscounted waits until the comparison of the counters finds one and nothing
// else.
func (s *lateServer) expectMiscounted(t *testing.T, c *clinic, name string) {
	t.Helper()
	eventually(t, func() error {
		seen, err := s.vector(`{__name__=~"dexcom_egvs_total|dexcom_exporter_replay_missed_total"}`)
		if err != nil {
			return err
		}
		if found := c.compareArrivals(seen, 1); found == nil || strings.Count(found.Error(), "want") != 1 || !strings.HasPrefix(found.Error(), name) {
			return fmt.Errorf("%s: want %s miscounted, found: %w", s.name, name, found)
		}
		return nil
	})
}

// victim is how the line of the sample ends that is forged: the newest one of its metric
// and account.
func (f forgery) victim(truth samples) (timestamp string) {
	var victim int64
	for name, values := range truth {
		if strings.HasPrefix(name+" ", f.metric+" "+f.account+" ") {
			for at := range values {
				victim = max(victim, at)
			}
		}
	}
	return fmt.Sprintf(" %d\n", victim)
}

// expectFound waits until the audit of one account finds the forgery and nothing else.
func (s *lateServer) expectFound(t *testing.T, f forgery, truth samples) {
	t.Helper()
	eventually(t, func() error {
		stored, err := s.storedReadings()
		if err != nil {
			return err
		}
		found := audit(stored.ofAccount(f.account), truth.ofAccount(f.account))
		if found.lost != f.want.lost || found.wrong != f.want.wrong || found.doubled != f.want.doubled {
			return fmt.Errorf("%s: %s: found %d lost, %d wrong, %d doubled, want %d, %d and %d: %w",
				s.name, f.account, found.lost, found.wrong, found.doubled, f.want.lost, f.want.wrong, f.want.doubled, found.err())
		}
		return nil
	})
}

// ofAccount leaves the series of one account.
func (s samples) ofAccount(account string) samples {
	part := samples{}
	for name, values := range s {
		if strings.Fields(name)[1] == account {
			part[name] = values
		}
	}
	return part
}
