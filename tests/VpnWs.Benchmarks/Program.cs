using BenchmarkDotNet.Running;
using VpnWs.Benchmarks;

// What the parts of the way of a frame cost. From this folder:
//   dotnet run -c Release -- --list flat
//   dotnet run -c Release -- --filter '*' --job short --iterationTime 100
// In this very process: the projects that BenchmarkDotNet would otherwise generate do not keep to the rules of this repository.
BenchmarkSwitcher.FromAssembly(typeof(SampleFrames).Assembly).Run([.. args, "--inProcess"]);
