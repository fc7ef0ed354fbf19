using System.Text;

namespace Carousel.Cli.Loading;

/// <summary>Which order id each Idempotency-Key got, kept as one run of bytes per 64 KiB rather than as objects. Thread-safe to add to.</summary>
internal sealed class PostedOrderIds
{
    private const int BlockBytes = 64 * 1024;
    private readonly Lock _lock = new();
    private readonly List<byte[]> _blocks = [];
    private int _used = BlockBytes;

    public long Count { get; private set; }

    public void Add(string idempotencyKey, string orderId)
    {
        byte[] pair = Encoding.UTF8.GetBytes($"{idempotencyKey}\0{orderId}\n");
        lock (_lock)
        {
            if (_used + pair.Length > BlockBytes)
            {
                _blocks.Add(new byte[Math.Max(BlockBytes, pair.Length)]);
                _used = 0;
            }

            pair.CopyTo(_blocks[^1], _used);
            _used += pair.Length;
            Count++;
        }
    }

    /// <summary>In the order of the answers. Call it when posting is over.</summary>
    public IEnumerable<(string IdempotencyKey, string OrderId)> Pairs()
    {
        foreach (byte[] block in _blocks)
        {
            int start = 0;
            for (int end = Array.IndexOf(block, (byte)'\n'); end >= 0; end = Array.IndexOf(block, (byte)'\n', start))
            {
                string[] pair = Encoding.UTF8.GetString(block, start, end - start).Split('\0');
                yield return (pair[0], pair[1]);
                start = end + 1;
            }
        }
    }
}
