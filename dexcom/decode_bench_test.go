package dexcom

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// plainEGVs is a day of the official API for encoding/json alone, which takes what is
// right and fails at everything else.
type plainEGVs struct {
	RecordType string `json:"recordType"`
	UserID     string `json:"userId"`
	Records    []struct {
		RecordID                     string  `json:"recordId"`
		SystemTime                   string  `json:"systemTime"`
		DisplayTime                  string  `json:"displayTime"`
		TransmitterID                string  `json:"transmitterId"`
		TransmitterTicks             int     `json:"transmitterTicks"`
		TransmitterGeneration        string  `json:"transmitterGeneration"`
		TransmitterGenerationVariant string  `json:"transmitterGenerationVariant"`
		Value                        float64 `json:"value"`
		Status                       string  `json:"status"`
		Trend                        string  `json:"trend"`
		TrendRate                    float64 `json:"trendRate"`
		Unit                         string  `json:"unit"`
		RateUnit                     string  `json:"rateUnit"`
		DisplayDevice                string  `json:"displayDevice"`
		DisplayApp                   string  `json:"displayApp"`
	} `json:"records"`
}

// plainShare is a day of Dexcom Share in the same way.
type plainShare []struct {
	WT, ST, DT string
	Value      float64
	Trend      string
}

// BenchmarkDecode decodes a day of readings, and the same body with encoding/json alone
// into plain structs, whose times stay text.
func BenchmarkDecode(b *testing.B) {
	p := &simulator.Person{Name: "alice", Seed: 1}
	cloud := simulator.New(p)
	cloud.Share(simulator.ShareAccount{Person: p.Name, Username: p.Name, Password: p.Name})
	catch := &catcher{next: cloud}
	b.Run("api", func(b *testing.B) {
		client, err := NewClient(Config{BaseURL: "http://dexcom.test", Tokens: FixedToken(cloud.AccessToken(p.Name)), Transport: catch})
		if err != nil {
			b.Fatal(err)
		}
		now := time.Now()
		if _, err := client.EGVs(b.Context(), now.Add(-24*time.Hour), now, nil); err != nil {
			b.Fatal(err)
		}
		body := catch.body
		plain := func() int {
			var all plainEGVs
			if err := json.Unmarshal(body, &all); err != nil {
				b.Fatal(err)
			}
			return len(all.Records)
		}
		compareDecoders(b, body, plain, func() int { return decoded(b)(decodeEGVs(V3, body, nil)) })
		var seen Seen
		list, err := decodeEGVs(V3, body, nil)
		if err != nil {
			b.Fatal(err)
		}
		seen.replace(list.hashes)
		b.Run("seen before", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n := decoded(b)(decodeEGVs(V3, body, &seen)); n != 0 {
					b.Fatalf("%d records are new", n)
				}
			}
		})
	})
	b.Run("share", func(b *testing.B) {
		share, err := NewShare(ShareConfig{Region: ShareUS, BaseURL: "http://dexcom.test", Username: p.Name, Password: p.Name, Transport: catch})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := share.Readings(b.Context(), 24*time.Hour); err != nil {
			b.Fatal(err)
		}
		body := catch.body
		plain := func() int {
			var all plainShare
			if err := json.Unmarshal(body, &all); err != nil {
				b.Fatal(err)
			}
			return len(all)
		}
		compareDecoders(b, body, plain, func() int { return decoded(b)(decodeShareReadings(body)) })
	})
}

// decoded gives how many records a decoder took; it must have left out none.
func decoded(b *testing.B) func(List[Reading], error) int {
	return func(list List[Reading], err error) int {
		if err != nil || len(list.Skipped) > 0 {
			b.Fatalf("%v, %d skipped", err, len(list.Skipped))
		}
		return len(list.Records)
	}
}

// compareDecoders measures both, and how many times as long ours takes: the fastest turn
// of each of many, for what else the machine does only ever makes one slower.
func compareDecoders(b *testing.B, body []byte, plain, ours func() int) {
	b.Helper()
	if n := plain(); n < 280 || n != ours() {
		b.Fatalf("%d records, and %d of ours", n, ours())
	}
	for i, decode := range []func() int{plain, ours} {
		b.Run([]string{"bare", "ours"}[i], func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				decode()
			}
		})
	}
	b.Run("ratio", func(b *testing.B) {
		fastest := [2]time.Duration{math.MaxInt64, math.MaxInt64}
		for b.Loop() {
			for i, decode := range []func() int{plain, ours} {
				began := time.Now()
				decode()
				fastest[i] = min(fastest[i], time.Since(began))
			}
		}
		b.ReportMetric(float64(fastest[1])/float64(fastest[0]), "ratio")
		b.ReportMetric(fastest[0].Seconds()*1000, "bare-ms")
		b.ReportMetric(fastest[1].Seconds()*1000, "ours-ms")
		b.ReportMetric(0, "ns/op")
	})
}

// catcher keeps the last answer's body.
type catcher struct {
	next http.RoundTripper
	body []byte
}

func (c *catcher) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(request)
	if err == nil {
		response.Body = io.NopCloser(io.TeeReader(response.Body, c))
		c.body = nil
	}
	return response, err
}

func (c *catcher) Write(p []byte) (int, error) {
	c.body = append(c.body, p...)
	return len(p), nil
}
