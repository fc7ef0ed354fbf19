namespace Carousel.PaymentSimulator.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("carousel-payments-").FullName;

    /// <summary>What a kill -9 would leave at this moment: the files as they are, without anybody closing them.</summary>
    public TemporaryDirectory CopyAsIs()
    {
        var copy = new TemporaryDirectory();
        using var source = new FileStream(System.IO.Path.Combine(Path, "ledger.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var target = File.Create(System.IO.Path.Combine(copy.Path, "ledger.log"));
        source.CopyTo(target);
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
