namespace VpnWs.Switching;

/// <summary>Why an address went from one port to another.</summary>
internal enum MoveReason : byte
{
    /// <summary>Both ports belong to the same authenticated user or certificate.</summary>
    SameIdentity,

    /// <summary>The holder did not answer a ping in time or, being classic, had been silent for too long.</summary>
    HolderSilent,

    /// <summary>The holder left, or gave the address up, and the new one had been waiting for it.</summary>
    HolderLeft,

    /// <summary>A station behind one bridge port was heard behind another, as IEEE 802.1D section 7.8 has it.</summary>
    Roamed,

    /// <summary>It is the own address of the server's tap.</summary>
    Uplink,
}
