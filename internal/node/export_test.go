package node

// Stopping is closed when the node has been asked to stop.
func (n *Node) Stopping() <-chan struct{} { return n.stop }

// Waiting returns how many senders wait for the writer.
func (n *Node) Waiting() int { return len(n.work) }
