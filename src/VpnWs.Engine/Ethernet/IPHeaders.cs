namespace VpnWs.Ethernet;

/// <summary>The EtherTypes that the engine looks behind (IEEE 802.1Q, RFC 894, RFC 2464).</summary>
internal static class EtherTypes
{
    public const ushort IPv4 = 0x0800;
    public const ushort Arp = 0x0806;
    public const ushort IPv6 = 0x86dd;
    public const ushort CustomerVlan = 0x8100;
    public const ushort ServiceVlan = 0x88a8;

    /// <summary>The least EtherType; what stands in its place below this is a length (IEEE 802.3 section 3.2.6).</summary>
    public const ushort Least = 0x0600;
}

/// <summary>The protocol numbers that the engine looks behind (IANA, RFC 8200 section 4).</summary>
internal static class IPProtocols
{
    public const byte HopByHop = 0;
    public const byte IcmpV4 = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Routing = 43;
    public const byte Fragment = 44;
    public const byte Authentication = 51;
    public const byte IcmpV6 = 58;
    public const byte DestinationOptions = 60;
    public const byte Mobility = 135;
    public const byte HostIdentity = 139;
    public const byte Shim6 = 140;
}

/// <summary>Where the fields of an IPv4 header lie, in bytes from its start (RFC 791 section 3.1).</summary>
internal static class IPv4Header
{
    public const int MinLength = 20;
    public const byte VersionWithoutOptions = 0x45;
    public const int TypeOfService = 1;
    public const int TotalLength = 2;
    public const int Identification = 4;
    public const int Fragment = 6;
    public const int TimeToLive = 8;
    public const int Protocol = 9;
    public const int Checksum = 10;
    public const int Addresses = 12;
    public const int AddressesLength = 8;

    /// <summary>In the field at <see cref="Fragment"/>: where in the whole packet the fragment belongs, in units of eight bytes.</summary>
    public const ushort FragmentOffset = 0x1fff;

    /// <summary>In the field at <see cref="Fragment"/>: the packet may not be fragmented.</summary>
    public const ushort DontFragment = 0x4000;

    /// <summary>In the field at <see cref="Fragment"/>: more fragments follow, or the offset is not zero.</summary>
    public const ushort IsFragment = 0x3fff;
}

/// <summary>Where the fields of an IPv6 header lie, in bytes from its start (RFC 8200 section 3).</summary>
internal static class IPv6Header
{
    public const int Length = 40;
    public const int PayloadLength = 4;
    public const int NextHeader = 6;
    public const int HopLimit = 7;
    public const int Addresses = 8;
    public const int AddressesLength = 32;
}

/// <summary>Where the fields of a UDP header lie, in bytes from its start (RFC 768).</summary>
internal static class UdpHeader
{
    public const int HeaderLength = 8;
    public const int Length = 4;
    public const int Checksum = 6;
}
