namespace VpnWs.PowerShell;

/// <summary>Bounds of parameters that are given in seconds.</summary>
internal static class Seconds
{
    /// <summary>The longest time that a parameter takes.</summary>
    public const double PerDay = 86_400;
}
