using System.Globalization;
using System.Management.Automation;

namespace VpnWs.PowerShell;

/// <summary>Takes access rights as chmod does, in octal: 0660, '0660' and 660 are the same.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OctalModeAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is UnixFileMode mode) return mode;
        var text = Convert.ToString(inputData is PSObject o ? o.BaseObject : inputData, CultureInfo.InvariantCulture) ?? "";
        var isOctal = text.Length is > 0 and <= 4 && text.All(digit => digit is >= '0' and <= '7');
        return isOctal && Convert.ToInt32(text, 8) is var bits and <= 0b111_111_111
            ? (UnixFileMode)bits
            : throw new ArgumentTransformationMetadataException($"'{text}' is no octal number from 0 to 0777, such as 0660.");
    }
}
