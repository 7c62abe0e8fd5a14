package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/barchart"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// bar is a panel with one bar of shares in percent, a series a band.
func bar(a about) *barchart.PanelBuilder {
	b := tell(barchart.NewPanelBuilder(), a).
		Unit("percent").Decimals(0).Min(0).Max(100).
		XField("Time").Orientation(common.VizOrientationHorizontal).Stacking(common.StackingModeNormal).
		BarWidth(0.9).FillOpacity(80).ShowValue(common.VisibilityModeAuto).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeTable).Placement(common.LegendPlacementRight).
			ShowLegend(true).Calcs([]string{"lastNotNull"})).
		Tooltip(tooltip(common.TooltipDisplayModeMulti)).XTickLabelMaxLength(100).
		WithTransformation(dashboard.DataTransformerConfig{Id: "joinByField", Options: map[string]string{"byField": "Time", "mode": "outer"}}).
		OverrideByName("Time", []dashboard.DynamicConfigValue{{Id: "custom.axisPlacement", Value: "hidden"}})
	return orNoValue(inBandColours(b))
}
