using System.Runtime.Versioning;

// The tests share one machine's processors and measure memory, time and loss: two at once would blame each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

[assembly: SupportedOSPlatform("linux")]
