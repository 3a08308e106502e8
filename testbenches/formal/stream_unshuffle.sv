    // The status of a frame's end stands in a register until the end is taken, and the next end waits for that. Which
    // words in the network and in the queue are ends is not told here: that the one that stands at the output is known
    // to be under way is taken as given (the lane's simulations hold it against the definition).
    (* tap = "core.end_underway$q" *) wire end_underway;
    always @(*) if (m_px_tvalid && m_px_tend) assume (end_underway);
