using System.Text;
using Carousel.Stages.Progress;

namespace Carousel.Stages.Tests.Progress;

public sealed class ProgressFormatTests
{
    private static readonly DateTime OneSecond = DateTime.UnixEpoch.AddSeconds(1);

    [Fact]
    public void The_bytes_are_those_of_the_document()
    {
        var progress = new PartitionProgress(
            10, OneSecond, [new OffsetRun(11, 21), new OffsetRun(22, 23)],
            [new WaitingRecord(10, 2, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(1_200))]);
        byte[] bytes = [0x01, 0xE8, 0x07, 0x0A, 0x02, 0x01, 0x0A, 0x01, 0x01, 0x01, 0x00, 0x02, 0xAC, 0x02, 0xB0, 0x09];
        Assert.Equal(bytes, ProgressFormat.Write(progress));
        AssertSame(progress, ProgressFormat.Read(bytes));
    }

    [Fact]
    public void The_key_names_group_topic_and_partition() =>
        Assert.Equal("a/group/orders-validated/7", Encoding.UTF8.GetString(ProgressFormat.Key("a/group", new SourcePartition("orders-validated", 7))));

    [Fact]
    public void The_largest_numbers_come_back()
    {
        var progress = new PartitionProgress(
            long.MaxValue - 5, OneSecond, [new OffsetRun(long.MaxValue - 3, long.MaxValue)],
            [new WaitingRecord(long.MaxValue - 5, int.MaxValue, TimeSpan.FromDays(3_650), TimeSpan.Zero), new WaitingRecord(long.MaxValue - 4, 1, TimeSpan.Zero, TimeSpan.FromDays(1))]);
        AssertSame(progress, ProgressFormat.Read(ProgressFormat.Write(progress)));
    }

    [Fact]
    public void Whatever_can_be_written_is_read_again()
    {
        var random = new Random(1);
        for (int round = 0; round < 2_000; round++)
        {
            PartitionProgress progress = Any(random);
            AssertSame(progress, ProgressFormat.Read(ProgressFormat.Write(progress)));
            for (long offset = progress.Base; offset < Math.Min(progress.End, progress.Base + 200); offset++)
            {
                Assert.Equal(progress.Done.Any(run => run.First <= offset && offset < run.End), progress.IsDone(offset));
            }
        }
    }

    [Fact]
    public void One_stuck_record_takes_few_bytes_however_much_is_done_above_it() =>
        Assert.Equal(14, ProgressFormat.Write(new PartitionProgress(0, DateTime.UnixEpoch.AddYears(60), [new OffsetRun(1, 2_000_001)], [])).Length);

    [Fact]
    public void The_largest_done_set_fits_into_a_record_of_Kafkas_default_limit()
    {
        const int RecordBytesMax = 1_000_000;
        const long Length = 1L << 48;
        OffsetRun[] runs = [.. Enumerable.Range(0, PartitionProgress.UnfinishedMax).Select(i => new OffsetRun((i * Length) + 1, (i + 1) * Length))];
        WaitingRecord[] waiting = [.. runs.Select(run => new WaitingRecord(run.First - 1, 10_000, TimeSpan.FromDays(365), TimeSpan.FromDays(365)))];
        byte[] bytes = ProgressFormat.Write(new PartitionProgress(0, OneSecond, runs, waiting));
        Assert.InRange(bytes.Length, 400_000, RecordBytesMax);
        Assert.Equal(PartitionProgress.UnfinishedMax, ProgressFormat.Read(bytes).Waiting.Count);
    }

    [Theory]
    [InlineData("", "ends at byte 0")]
    [InlineData("02 00 00 00 00", "version 2")]
    [InlineData("01 00 00 00", "ends at byte 4")]
    [InlineData("01 00 00 00 00 00", "1 bytes after its end")]
    [InlineData("01 00 00 01 01 00 00", "0 at byte 5")]
    [InlineData("01 00 00 01 00 01 00", "0 at byte 4")]
    [InlineData("01 00 00 80 80 01 00", "16384 entries announced at byte 3, and 1 bytes left")]
    [InlineData("01 00 00 FF FF FF FF 07 00", "2147483647 at byte 3, where at most 16384")]
    [InlineData("01 00 00 FF FF FF FF FF FF FF FF 7F 00", "9223372036854775807 at byte 3")]
    [InlineData("01 00 FF FF FF FF FF FF FF FF FF 01 00", "more than 9 bytes at byte 2")]
    [InlineData("01 00 0A 01 01 FF FF FF FF FF FF FF FF 7F 00", "at byte 5, where at most 9223372036854775796")]
    [InlineData("01 00 0A 01 81 80 01 01 00", "16385 at byte 4, where at most 16384")]
    [InlineData("01 00 0A 01 01 05 01 01 01 00 00", "offset 11 is both done and waiting")]
    [InlineData("01 00 0A 00 01 00 00 00 00", "0 at byte 6")]
    [InlineData("01 00 0A 00 02 00 01 00 00 00 01 00 00", "0 at byte 9")]
    [InlineData("01 00 0A 00 01 00 FF FF FF FF 08 00 00", "2415919103 at byte 6, where at most 2147483647")]
    [InlineData("01 00 0A 00 01 00 01 FF FF FF FF FF FF FF 00", "at byte 7, where at most 315360000000")]
    public void Bytes_that_no_stage_writes_are_refused(string hex, string why)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => ProgressFormat.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forged_run_allocates_nothing_however_long_it_says_it_is()
    {
        byte[] billions = [0x01, 0x00, 0x0A, 0x01, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x00];
        long before = GC.GetAllocatedBytesForCurrentThread();
        PartitionProgress progress = ProgressFormat.Read(billions);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
        Assert.True(progress.IsDone(1_000_000_000_000));
    }

    [Fact]
    public void Random_bytes_are_refused_or_make_sense()
    {
        var random = new Random(2);
        for (int round = 0; round < 100_000; round++)
        {
            byte[] bytes = ProgressFormat.Write(Any(random));
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                PartitionProgress progress = ProgressFormat.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
                Assert.All(progress.Done, run => Assert.True(run.First > progress.Base && run.End > run.First));
                Assert.Equal(progress.Waiting.Select(waiting => waiting.Offset).Order().Distinct(), progress.Waiting.Select(waiting => waiting.Offset));
            }
            catch (InvalidDataException)
            {
                // Refused, which is as good.
            }
        }
    }

    private static PartitionProgress Any(Random random)
    {
        long first = random.NextInt64(1L << random.Next(1, 60));
        long position = first;
        var runs = new List<OffsetRun>();
        var waiting = new List<WaitingRecord>();
        for (int i = random.Next(20); i > 0; i--)
        {
            long gap = random.Next(1, 1 << random.Next(1, 9));
            if (random.Next(2) == 0)
            {
                waiting.Add(new WaitingRecord(position, random.Next(1, 20), TimeSpan.FromMilliseconds(random.Next(100_000)), TimeSpan.FromMilliseconds(random.Next(100_000))));
            }

            runs.Add(new OffsetRun(position + gap, position + gap + random.NextInt64(1, 1L << random.Next(1, 40))));
            position = runs[^1].End;
        }

        return new PartitionProgress(first, DateTime.UnixEpoch.AddMilliseconds(random.NextInt64(1L << 42)), runs, waiting);
    }

    private static void AssertSame(PartitionProgress expected, PartitionProgress actual)
    {
        Assert.Equal(expected.Base, actual.Base);
        Assert.Equal(expected.WrittenAt, actual.WrittenAt);
        Assert.Equal(expected.Done, actual.Done);
        Assert.Equal(expected.Waiting, actual.Waiting);
    }
}
