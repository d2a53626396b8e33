using System.CommandLine;
using VpnWs.Hosting;

namespace VpnWs.Tests.Hosting;

public sealed class GetoptArgumentsTests
{
    private static readonly string[] Classic = ["--tuntap", "--no-broadcast", "--no-multicast", "--help", "--crt"];

    [Theory]
    [InlineData("--tuntap vpn0 sock", "--tuntap=vpn0 -- sock")]
    [InlineData("--tuntap=vpn0 sock", "--tuntap=vpn0 -- sock")]
    [InlineData("sock --tuntap vpn0", "--tuntap=vpn0 -- sock")]
    [InlineData("a --bridge b", "--bridge -- a b")]
    [InlineData("--tun vpn0", "--tuntap=vpn0 --")]
    [InlineData("--tun=vpn0", "--tuntap=vpn0 --")]
    [InlineData("--no-b", "--no-broadcast --")]
    [InlineData("--no-m", "--no-multicast --")]
    [InlineData("-h", "--help --")]
    [InlineData("--tuntap --bridge sock", "--tuntap=--bridge -- sock")]
    [InlineData("--tuntap -- --bridge", "--tuntap=-- --bridge --")]
    [InlineData("--tuntap= sock", "--tuntap  -- sock")]
    [InlineData("--tuntap=a=b:c", "--tuntap=a=b:c --")]
    [InlineData("--bridge -- --tuntap x", "--bridge -- --tuntap x")]
    [InlineData("- sock", "-- - sock")]
    [InlineData("@file /h", "-- @file /h")]
    [InlineData("", "--")]
    public void Arguments_are_written_out_as_getopt_long_reads_them(string given, string expected) =>
        Assert.Equal(expected, string.Join(' ', Expand(given)));

    [Fact]
    public void Of_several_values_the_last_counts() => Assert.Equal(["--tuntap=b", "--"], Expand("--tuntap a --tuntap b"));

    [Fact]
    public void An_option_that_may_be_repeated_keeps_all_its_values_in_order() => Assert.Equal(["--http=a", "--http=b", "--"], Expand("--http a --http=b"));

    [Fact]
    public void A_name_that_is_whole_is_not_taken_for_the_beginning_of_another() => Assert.Equal(["--no-broadcast-at-all", "--"], Expand("--no-broadcast-at-all"));

    [Fact]
    public void A_file_stands_for_its_options_in_its_place()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("options", "\ufeff# for the office\r\n\r\n--tuntap a b = c\r\n  --bridge  \n--http=x\n--http  y z\n--crt one\n/run/my sock\n");
        Assert.Equal(
            ["--tuntap=a b = c", "--bridge", "--http=x", "--http=y z", "--http=w", "--crt=two", "--", "/run/my sock"],
            Expand($"@{file} --http w --crt two"));
        Assert.Equal(["--crt=one", "--tuntap=b", "--"], [.. Expand($"@{file} --tuntap b").Where(word => word is "--tuntap=b" or "--crt=one" or "--")]);
        Assert.Equal([$"--crt=@{file}", "--", $"@{file}"], Expand($"--crt @{file} -- @{file}"));
        var endless = scratch.Path("endless");
        scratch.Write("endless", $"--crt one\n@{endless}\n");
        Assert.Contains($"does @{endless} name itself?", Assert.Throws<ProgramException>(() => Expand($"@{endless}")).Message, StringComparison.Ordinal);
        var error = Assert.Throws<ProgramException>(() => Expand($"@{file}.none"));
        Assert.Equal(($"cannot read {file}.none: there is no such file", ExitCode.Failed), (error.Message, error.Code));
    }

    [Theory]
    [InlineData("--h", "--help --")]
    [InlineData("--ht x", "--http=x --")]
    [InlineData("--c x", "--crt=x --")]
    public void What_was_short_for_one_option_of_the_C_program_stays_so(string given, string expected) =>
        Assert.Equal(expected, string.Join(' ', Expand(given)));

    [Theory]
    [InlineData("--bogus", "there is no option --bogus")]
    [InlineData("--bogus=secret", "there is no option --bogus")]
    [InlineData("-x", "there is no option -x")]
    [InlineData("-tuntap", "there is no option -tuntap")]
    [InlineData("--=x", "there is no option --")]
    [InlineData("--no", "--no is ambiguous: --no-broadcast, --no-multicast, --no-broadcast-at-all")]
    [InlineData("--bridge=yes", "--bridge takes no value")]
    [InlineData("sock --tuntap", "--tuntap needs a value")]
    [InlineData("a b c", "too many arguments: 3, where there may be 2")]
    public void A_wrong_argument_is_named(string given, string message)
    {
        var error = Assert.Throws<ProgramException>(() => Expand(given));
        Assert.Equal(message, error.Message);
        Assert.Equal(ExitCode.Usage, error.Code);
    }

    private static List<string> Expand(string arguments)
    {
        Option[] options =
        [
            OptionKit.Text("--tuntap", "DEV", ""), OptionKit.Flag("--bridge", ""), OptionKit.Flag("--no-broadcast", ""), OptionKit.Flag("--no-multicast", ""),
            OptionKit.Flag("--no-broadcast-at-all", ""), new Option<bool>("--help", "-h") { Arity = ArgumentArity.Zero },
            OptionKit.Values("--http", "ADDRESS", "", text => text), OptionKit.Text("--crt", "FILE", ""), OptionKit.Text("--ca", "FILE", ""),
        ];
        return GetoptArguments.Expand(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), options, Classic, 2);
    }
}
