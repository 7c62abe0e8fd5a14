package dexcom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestSeenLeavesOutWhatTheLastAnswerHad(t *testing.T) {
	t.Parallel()
	record := func(id string, value int) string {
		return fmt.Sprintf(`{"recordId":%q,"systemTime":"2025-02-06T17:12:35Z","value":%d}`, id, value)
	}
	answers := []string{
		record("a", 100) + "," + record("b", 110) + `,{"value":1}`,
		record("b", 110) + "," + record("a", 104) + "," + record("c", 120) + `,{"value":1}`, // a has changed
		"fail",
		record("c", 120) + "," + record("d", 130),
		record("a", 104), // forgotten: it was not in the last answer
	}
	want := []string{"a=100 b=110 skipped=1", "a=104 c=120 skipped=0", "skipped=0", "d=130 skipped=0", "a=104 skipped=0"}
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer := answers[0]
		answers = answers[1:]
		if answer == "fail" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = fmt.Fprintf(w, `{"records":[%s]}`, answer)
	})
	var seen Seen
	for i := range want {
		list, err := client.EGVs(t.Context(), at("2025-02-06T00:00:00Z"), at("2025-02-07T00:00:00Z"), &seen)
		if failed := err != nil; failed != (i == 2) {
			t.Fatalf("answer %d: %v", i, err)
		}
		var got strings.Builder
		for _, r := range list.Records {
			fmt.Fprintf(&got, "%s=%v ", r.ID, r.MgDL)
		}
		fmt.Fprintf(&got, "skipped=%d", len(list.Skipped))
		if got.String() != want[i] {
			t.Errorf("answer %d: %s, want %s", i, got.String(), want[i])
		}
	}
}

func BenchmarkDecodeADay(b *testing.B) {
	var records []string
	for i := range 288 {
		records = append(records, fmt.Sprintf(`{"recordId":"%036d","systemTime":"2025-02-06T%02d:%02d:35Z","displayTime":"2025-02-06T09:12:35-08:00",`+
			`"transmitterId":"6a954dd3dd415a111d1360c1ae4346cc33636a3854cbc9f4ee2f077a74252c0e","transmitterTicks":431100,"value":131,"status":null,`+
			`"trend":"fortyFiveUp","trendRate":1.1,"unit":"mg/dL","rateUnit":"mg/dL/min","displayDevice":"iOS","transmitterGeneration":"g7",`+
			`"transmitterGenerationVariant":"g7","displayApp":"G7"}`, i, i/12, i%12*5))
	}
	body := []byte(`{"records":[` + strings.Join(records, ",") + `]}`)
	for _, overlapping := range []bool{false, true} {
		b.Run(fmt.Sprintf("seen=%t", overlapping), func(b *testing.B) {
			var seen Seen
			for b.Loop() {
				list, err := decodeEGVs(V3, body, &seen)
				if err != nil {
					b.Fatal(err)
				}
				if overlapping {
					seen.replace(list.hashes)
				}
			}
		})
	}
}
