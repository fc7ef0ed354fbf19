using Carousel.PaymentSimulator.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.PaymentSimulator.Tests;

public sealed class LedgerTests
{
    [Fact]
    public void The_bytes_of_an_entry_are_pinned()
    {
        var bytes = new byte[200];
        var length = LedgerFormat.WriteEntry(bytes, Entry("ord-1:charge:1") with { OrderId = "ord-1", Fingerprint = 0xAB, Detail = "x" });
        Assert.Equal(
            "003F" + "01" + "0000018BCFE56800" + "00000000000004D2" + "474250" + "000000000000000000000000000000AB" + "00000000"
            + "0E" + "6F72642D313A6368617267653A31" + "05" + "6F72642D31" + "01" + "78",
            Convert.ToHexString(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void The_header_of_the_file_and_of_a_frame_are_pinned()
    {
        Assert.Equal("434152" + "4C454447" + "31" + "01020304", Convert.ToHexString(LedgerFormat.Header(0x01020304).AsSpan(0, 12)));
        Assert.Equal(0xE3069283, LedgerFormat.Crc32C(0, "123456789"u8));
        var frame = new byte[LedgerFormat.FrameHeaderSize + 2];
        LedgerFormat.SealFrame(frame);
        Assert.Equal("4C46524D" + "00000002", Convert.ToHexString(frame.AsSpan(0, 8)));
    }

    [Fact]
    public async Task Everything_appended_is_there_after_reopening()
    {
        using var directory = new TemporaryDirectory();
        await AppendAsync(directory, "a", "b", "c");
        await using var ledger = Open(directory);
        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, ledger.Count).Select(i => ledger.Read(i).Reference));
        Assert.Equal(new CurrencyTotals("GBP", new Tally(3, 37.02m), Tally.Zero, Tally.Zero), Assert.Single(ledger.Totals.Snapshot()));
    }

    [Fact]
    public async Task The_last_frame_cut_at_any_byte_costs_only_itself()
    {
        using var directory = new TemporaryDirectory();
        await AppendAsync(directory, "first", "second");
        var path = Path.Combine(directory.Path, LedgerFile.FileName);
        var before = new FileInfo(path).Length;
        await AppendAsync(directory, "third");
        var whole = await File.ReadAllBytesAsync(path);
        for (var length = before; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..(int)length]);
            await AssertHoldsFirstTwoAsync(directory, before);
        }
    }

    [Fact]
    public async Task Any_damaged_byte_of_the_last_frame_costs_only_itself()
    {
        using var directory = new TemporaryDirectory();
        await AppendAsync(directory, "first", "second");
        var path = Path.Combine(directory.Path, LedgerFile.FileName);
        var before = new FileInfo(path).Length;
        await AppendAsync(directory, "third");
        var whole = await File.ReadAllBytesAsync(path);
        for (var at = before; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            await File.WriteAllBytesAsync(path, damaged);
            await AssertHoldsFirstTwoAsync(directory, before);
        }
    }

    [Fact]
    public async Task A_damaged_byte_before_intact_frames_is_reported_and_nothing_is_cut()
    {
        using var directory = new TemporaryDirectory();
        await AppendAsync(directory, "first", "second");
        await AppendAsync(directory, "third");
        var path = Path.Combine(directory.Path, LedgerFile.FileName);
        var whole = await File.ReadAllBytesAsync(path);
        for (var at = LedgerFormat.HeaderSize; at < LedgerFormat.HeaderSize + 60; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            await File.WriteAllBytesAsync(path, damaged);
            var error = Assert.Throws<PaymentSimulatorException>(() => Open(directory));
            Assert.Contains($"damaged at byte {LedgerFormat.HeaderSize}", error.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(path));
        }
    }

    [Fact]
    public async Task A_header_cut_short_begins_a_new_ledger()
    {
        using var directory = new TemporaryDirectory();
        for (var length = 0; length < LedgerFormat.HeaderSize; length++)
        {
            await File.WriteAllBytesAsync(Path.Combine(directory.Path, LedgerFile.FileName), LedgerFormat.Header(7)[..length]);
            await using var ledger = Open(directory);
            Assert.Equal(0, ledger.Count);
        }
    }

    [Fact]
    public async Task Another_kind_of_file_is_refused_and_left_alone()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, LedgerFile.FileName);
        await File.WriteAllTextAsync(path, "these are the notes of somebody else");
        Assert.Throws<PaymentSimulatorException>(() => Open(directory));
        Assert.Equal("these are the notes of somebody else", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_second_process_is_kept_out_of_the_directory()
    {
        using var directory = new TemporaryDirectory();
        await using (Open(directory))
        {
            var error = Assert.Throws<PaymentSimulatorException>(() => Open(directory));
            Assert.Contains("in use by another payment simulator", error.Message, StringComparison.Ordinal);
        }

        await using var again = Open(directory);
        Assert.True(again.IsWritable);
    }

    [Fact]
    public async Task A_second_entry_for_one_reference_is_never_believed()
    {
        using var directory = new TemporaryDirectory();
        await AppendAsync(directory, "a");
        var path = Path.Combine(directory.Path, LedgerFile.FileName);
        var bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, [.. bytes, .. bytes[LedgerFormat.HeaderSize..]]);
        var error = Assert.Throws<PaymentSimulatorException>(() => Open(directory));
        Assert.Contains("second entry for 'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_taken_after_the_ledger_is_closed()
    {
        using var directory = new TemporaryDirectory();
        var ledger = Open(directory);
        await ledger.DisposeAsync();
        Assert.Null(ledger.TryAppend(Entry("late")));
    }

    [Fact]
    public void Ids_are_read_back_and_belong_to_one_ledger()
    {
        var id = ChargeId.Format(ChargeId.ChargePrefix, 0xDEADBEEF, 1_999_999);
        Assert.Equal("ch_", id[..3]);
        Assert.Equal(19, id.Length);
        Assert.True(ChargeId.TryParse(id, ChargeId.ChargePrefix, 0xDEADBEEF, out var ordinal));
        Assert.Equal(1_999_999, ordinal);
        Assert.False(ChargeId.TryParse(id, ChargeId.ChargePrefix, 0xDEADBEEE, out _));
        Assert.False(ChargeId.TryParse(id, ChargeId.RefundPrefix, 0xDEADBEEF, out _));
    }

    private static async Task AssertHoldsFirstTwoAsync(TemporaryDirectory directory, long length)
    {
        await using (var ledger = Open(directory))
        {
            Assert.Equal(["first", "second"], Enumerable.Range(0, ledger.Count).Select(i => ledger.Read(i).Reference));
            Assert.False(ledger.Index.TryGet(Digest.OfReference("third"), out _));
        }

        Assert.Equal(length, new FileInfo(Path.Combine(directory.Path, LedgerFile.FileName)).Length);
    }

    private static ChargeLedger Open(TemporaryDirectory directory) =>
        ChargeLedger.Open(directory.Path, 1000, TimeSpan.Zero, NullLogger<ChargeLedger>.Instance);

    private static async Task AppendAsync(TemporaryDirectory directory, params string[] references)
    {
        await using var ledger = Open(directory);
        foreach (var reference in references)
        {
            Assert.Equal(ReferenceIndex.Claimed, ledger.Index.Claim(Digest.OfReference(reference)));
            await ledger.TryAppend(Entry(reference))!;
        }
    }

    private static LedgerEntry Entry(string reference) =>
        new(LedgerEntryKind.Captured, reference, "ord-" + reference, 1234, "GBP", "", 1, 0, 1_700_000_000_000);
}
