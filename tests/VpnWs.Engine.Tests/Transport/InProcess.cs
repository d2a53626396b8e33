namespace VpnWs.Tests.Transport;

/// <summary>Tests that move frames between threads run one at a time: they watch time, memory and order, and would blame each other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class InProcess
{
    public const string Name = "in process";
}
