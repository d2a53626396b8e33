using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

/// <summary>The filter of system calls, run by hand as the kernel would; what it does to a process is tested end to end.</summary>
public sealed class ConfinementTests
{
    private const uint Machine = 7;
    private const uint Allowed = 0x7fff_0000;
    private const uint Refused = 0x0005_0001;

    private static readonly SystemCalls Calls = new(Machine, 0, [59, 101, 317]);

    [Theory]
    [InlineData(Machine, 0, Allowed)]
    [InlineData(Machine, 58, Allowed)]
    [InlineData(Machine, 59, Refused)]
    [InlineData(Machine, 60, Allowed)]
    [InlineData(Machine, 101, Refused)]
    [InlineData(Machine, 317, Refused)]
    [InlineData(Machine, 0x3fff_ffff, Allowed)]
    [InlineData(Machine, 0x4000_0000, Refused)]
    [InlineData(Machine, 0x4000_003b, Refused)]
    [InlineData(Machine + 1, 0, Refused)]
    public void Forbidden_calls_and_those_of_other_machines_fail_and_others_do_not(uint machine, uint number, uint result) =>
        Assert.Equal(result, Run(Confinement.Filter(Calls), machine, number));

    private static uint Run(Confinement.Instruction[] filter, uint machine, uint number)
    {
        var loaded = 0u;
        for (var i = 0; ; i++)
        {
            var (code, ifTrue, ifFalse, operand) = filter[i];
            switch (code)
            {
                case 0x20:
                    loaded = operand == 0 ? number : machine;
                    break;
                case 0x15:
                    i += loaded == operand ? ifTrue : ifFalse;
                    break;
                case 0x35:
                    i += loaded >= operand ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return operand;
                default:
                    Assert.Fail($"code {code:x}");
                    break;
            }
        }
    }
}
