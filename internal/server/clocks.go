package server

import "corridor.example/corridor/web"

// clocks are the reports that fall due; the schedule is read where the mission keeps it.
func (p *page) clocks() []web.Clock { return nil }
