package service

import "sync/atomic"

// Phase is where the process is between start and end: what /readyz tells the platform.
type Phase int32

// A process moves through these in order, and never back.
const (
	Starting Phase = iota
	Ready
	Draining
)

func (p Phase) String() string {
	return [...]string{"starting", "ready", "draining"}[p]
}

// Lifecycle is the phase of one process.
type Lifecycle struct{ phase atomic.Int32 }

// Phase returns the current phase.
func (l *Lifecycle) Phase() Phase { return Phase(l.phase.Load()) }

// Ready says that everything is open. A shutdown that came first stays one.
func (l *Lifecycle) Ready() { l.phase.CompareAndSwap(int32(Starting), int32(Ready)) }

// Drain says that, from here on, no new traffic is wanted.
func (l *Lifecycle) Drain() { l.phase.Store(int32(Draining)) }
