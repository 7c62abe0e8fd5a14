// Package simulator is a pretend Dexcom cloud for tests and for the demo.
//
// A [Person] is a seed and a way of life: which sensor, which phone, how often
// it uploads, how long Dexcom holds the data back. Everything about the person
// at any instant is a pure function of the seed and that instant. Nothing is
// stored and no random generator advances, so two clouds agree, in any order
// of calls and after any restart. The truth is there to compare with:
// [Person.Readings], [Person.AvailableReadings], [Person.V2Readings],
// [Person.Statistics], [Person.Calibrations], [Person.Events], [Person.Alarms],
// [Person.Session], [Person.LastUpload], [Person.DataRange], [Person.Thresholds],
// [Person.NightSchedule], [Person.Silenced], [Person.ShareReadings].
//
// A [Cloud] serves people over HTTP as Dexcom does. Mount it at the root of
// whatever stands for the base URL:
//
//	cloud := simulator.New(&simulator.Person{Name: "alice", Seed: 1, HoldBack: time.Hour})
//	server := httptest.NewServer(cloud)         // with sockets, or:
//	client := &http.Client{Transport: cloud}    // without, inside testing/synctest
//
// Requests carry the header "Authorization: Bearer " + cloud.AccessToken("alice"),
// or go through OAuth: make the app known with [Cloud.Register], follow its
// login address in a browser or with [Cloud.Consent], and use the tokens. One
// cloud is one region. Grants live in memory, tokens follow from the order of
// requests, and [Cloud.FailTokens] makes the token endpoint misbehave.
// [Cloud.FailData] does so for one person's data or everybody's, once, often or
// at random; [Faults] lists what can go wrong. Dexcom's limit on the calls of an
// app holds for a cloud ([Cloud.LimitCalls]).
//
// Beside the API stands Dexcom Share, for people with an account ([Cloud.Share]):
// logins that lock, sessions that end, readings within a minute. It is what
// clients know of it, since Dexcom documents nothing. Faults reach it by the
// version "share" of their [Target]: those of readings once the session is known
// to be live, those of logins before the password is looked at.
//
// Now is time.Now, hence the fake clock inside testing/synctest; [Cloud.SetClock] sets
// a cloud's clock against it. A cloud that is made anew in another process goes on
// where one ended with [Cloud.Memory] and [Cloud.Recall].
//
// The package imports nothing of this module: a fake that shares the client's
// types cannot find a wrong field name. Its bodies are checked against the
// sample files in ../testdata instead.
//
// Deliberately not simulated: the G4, the Pro and what else is not a [Sensor];
// sensors that fail early or run into their grace period; two displays at the same
// time; device clocks wrong by more than half a minute; travel between time zones;
// settings of alerts that change; values in mmol/L; and the medical truth of the
// glucose curve, which only has to look like one.
package simulator
