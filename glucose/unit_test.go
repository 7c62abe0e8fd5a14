package glucose

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestUnitsWriteGlucose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mgdl        float64
		mgdL, mmolL string
	}{
		{54, "54", "3.0"},
		{63, "63", "3.5"},
		{70, "70", "3.9"},
		{119, "119", "6.6"},
		{140, "140", "7.8"},
		{180, "180", "10.0"},
		{250, "250", "13.9"},
		{400, "400", "22.2"},
		{39, "39", "2.2"},
		{401, "401", "22.3"},
		{0, "0", "0.0"},
		{0.5, "1", "0.0"},
		{119.5, "120", "6.6"},
		{120.5, "121", "6.7"},
		{119.499, "119", "6.6"},
		{-119.5, "-120", "-6.6"},
		{-0.4, "0", "0.0"},
		{math.Copysign(0, -1), "0", "0.0"},
		{-2, "-2", "-0.1"},
		{0.25 * MgDLPerMmolL, "5", "0.3"},
		{-0.25 * MgDLPerMmolL, "-5", "-0.3"},
		{math.NaN(), "–", "–"},
		{math.Inf(1), "–", "–"},
		{math.Inf(-1), "–", "–"},
	} {
		if got := MgDL.Format(test.mgdl); got != test.mgdL {
			t.Errorf("%g in mg/dL is %s, want %s", test.mgdl, got, test.mgdL)
		}
		if got := MmolL.Format(test.mgdl); got != test.mmolL {
			t.Errorf("%g in mmol/L is %s, want %s", test.mgdl, got, test.mmolL)
		}
	}
}

func TestReadingsBeyondTheSensorAreWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mgdl        float64
		mgdL, mmolL string
	}{
		{1, "LOW", "LOW"},
		{39, "LOW", "LOW"},
		{39.999, "LOW", "LOW"},
		{40, "40", "2.2"},
		{53.999, "54", "3.0"},
		{400, "400", "22.2"},
		{400.001, "HIGH", "HIGH"},
		{401, "HIGH", "HIGH"},
		{1000, "HIGH", "HIGH"},
		{math.NaN(), "–", "–"},
	} {
		if got := MgDL.FormatReading(test.mgdl); got != test.mgdL {
			t.Errorf("%g in mg/dL is %s, want %s", test.mgdl, got, test.mgdL)
		}
		if got := MmolL.FormatReading(test.mgdl); got != test.mmolL {
			t.Errorf("%g in mmol/L is %s, want %s", test.mgdl, got, test.mmolL)
		}
	}
}

func TestUnitsHaveTheirNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Unit{"mg/dL": MgDL, "mmol/L": MmolL} {
		got, err := ParseUnit(name)
		if err != nil || got != want || got.String() != name {
			t.Errorf("%s is %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "mg", "mmol", "mg/dl", "MMOL/L", " mg/dL", "mg/dL/min", "g/L"} {
		if got, err := ParseUnit(name); err == nil || got != MgDL {
			t.Errorf("%q is %v", name, got)
		}
	}
}

func TestUnitsConvertBothWays(t *testing.T) {
	t.Parallel()
	if got := MmolL.ToMgDL(1); got != 18.0156 {
		t.Errorf("1 mmol/L is %v mg/dL", got)
	}
	if got := MmolL.FromMgDL(180.156); !equal(got, 10) {
		t.Errorf("180.156 mg/dL are %v mmol/L", got)
	}
	random := rand.New(rand.NewPCG(29, 30))
	for range 1000 {
		mgdl := 500 * (random.Float64() - 0.2)
		if MgDL.FromMgDL(mgdl) != mgdl || MgDL.ToMgDL(mgdl) != mgdl || !equal(MmolL.ToMgDL(MmolL.FromMgDL(mgdl)), mgdl) {
			t.Errorf("%v does not come back", mgdl)
		}
	}
}
