using System.Management.Automation;
using System.Text;

namespace VpnWs.PowerShell;

/// <summary>Takes text, as UTF-8, where bytes are wanted.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PayloadAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text ? Encoding.UTF8.GetBytes(text) : inputData;
}
