using System.Buffers.Binary;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;

namespace Carousel.Conformance.Tests.Robustness;

/// <summary>Whatever somebody sends: the broker goes on serving the others, its memory stays bounded, and a line in its log says why a connection was closed.</summary>
public sealed class BadInputTests(OwnBroker own) : IClassFixture<OwnBroker>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private const int GrowthMiBMax = 100;
    private readonly EmbeddedBroker _broker = own.Broker;

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(2_000_000_000)]
    [InlineData(110_000_000)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_length_that_cannot_be_ends_the_connection_before_anything_is_allocated(int length)
    {
        long before = ProcessMemory.ResidentMiB(_broker.ProcessId);
        byte[] frame = new byte[20];
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        await EndsLoggedAsync(frame);
        await ServesAsync(before);
    }

    [Fact]
    public async Task Random_bytes_end_their_connections_and_nothing_else()
    {
        long before = ProcessMemory.ResidentMiB(_broker.ProcessId);
        var random = new Random(4711);
        for (int i = 0; i < 300; i++)
        {
            using RawConnection connection = await RawConnection.OpenAsync(_broker.Port);
            byte[] bytes = new byte[random.Next(1, 5_000)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
            {
                // A length that fits, and an API that exists: what is random is what the broker has to parse.
                bytes = new byte[Math.Max(bytes.Length, 20)];
                random.NextBytes(bytes);
                BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
                BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(4), (short)random.Next(0, 70));
                BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(6), (short)random.Next(0, 13));
            }

            await connection.TrySendAsync(bytes);
        }

        await ServesAsync(before);
    }

    [Fact]
    public async Task A_request_that_breaks_off_or_does_not_parse_is_logged_with_its_connection()
    {
        // Metadata v1 that claims two thousand million topics in a frame of 30 bytes.
        byte[] frame = new byte[30];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(4), 3);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(6), 1);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(12), -1);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(14), 2_000_000_000);
        await EndsLoggedAsync(frame);
    }

    [Fact]
    public async Task Half_frames_and_slow_senders_hold_up_nobody()
    {
        long before = ProcessMemory.ResidentMiB(_broker.ProcessId);
        List<RawConnection> halves = [];
        for (int i = 0; i < 200; i++)
        {
            RawConnection half = await RawConnection.OpenAsync(_broker.Port);
            halves.Add(half);

            // Some stop within the length, some promise a hundred thousand bytes and send ten.
            byte[] part = [0, 1, 0x86, 0xa0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0];
            await half.TrySendAsync(part.AsMemory(0, i % 2 == 0 ? 2 : part.Length));
        }

        using RawConnection slow = await RawConnection.OpenAsync(_broker.Port);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        ReadOnlyMemory<byte> request = Handshake.Request;
        for (int i = 0; i < request.Length - 1 && await pace.WaitForNextTickAsync(); i++)
        {
            Assert.True(await slow.TrySendAsync(request.Slice(i, 1)));
            await Handshake.IsAnsweredAsync(_broker.Port).WithinAsync("another client is served meanwhile", Patience);
        }

        // A sender that is merely slow gets its answer.
        await slow.TrySendAsync(request[^1..]);
        await slow.Stream.ReadExactlyAsync(new byte[4]).AsTask().WithinAsync("the slow sender is answered", Patience);
        halves.ForEach(half => half.Dispose());
        await ServesAsync(before);
    }

    /// <summary>
    /// The broker closes the connection without an answer, and names it in its log. It tells of so many connections a second only, and another test may
    /// have used them up: then the next offence is told.
    /// </summary>
    private Task EndsLoggedAsync(byte[] frame) => Eventually.TrueAsync<string>(
        "a closed connection is in the log",
        async () =>
        {
            using RawConnection connection = await RawConnection.OpenAsync(_broker.Port);
            string name = connection.Name;
            await connection.TrySendAsync(frame);
            Assert.Equal(0, await connection.UntilClosedAsync(Patience));
            return await Eventually.TrueAsync($"the log names {name}", ReadLogAsync, log => log.Contains(name + " ", StringComparison.Ordinal), TimeSpan.FromSeconds(2));
        },
        _ => true,
        TimeSpan.FromSeconds(120));

    private async Task<string> ReadLogAsync()
    {
        await using var log = new FileStream(_broker.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        return await reader.ReadToEndAsync();
    }

    private async Task ServesAsync(long residentMiBBefore)
    {
        await Handshake.IsAnsweredAsync(_broker.Port).WithinAsync("the broker serves", Patience);
        long now = ProcessMemory.PeakMiB(_broker.ProcessId);
        Assert.True(now - residentMiBBefore < GrowthMiBMax, $"The broker grew from {residentMiBBefore} to {now} MiB.");
    }
}
