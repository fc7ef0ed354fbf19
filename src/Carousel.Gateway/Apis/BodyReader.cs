using System.Buffers;
using Carousel.Gateway.Problems;

namespace Carousel.Gateway.Apis;

/// <summary>Reads whole bodies into rented memory, bounded for each and for all together.</summary>
internal sealed class BodyReader(GatewayOptions options)
{
    private const int FirstBufferBytes = 4_096;
    private long _inFlight;

    /// <summary>The body, to be disposed of by the caller, or a problem.</summary>
    /// <exception cref="BadHttpRequestException">The body is larger than allowed, or broke off.</exception>
    public async ValueTask<(Body? Body, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        long announced = request.ContentLength ?? FirstBufferBytes;
        if (announced > options.BodyBytesMax)
        {
            return (null, Problem.BodyTooLarge(options.BodyBytesMax));
        }

        // One byte more than announced, so that the end is seen without another buffer.
        var body = new Body(this);
        bool whole = false;
        try
        {
            if (!body.TryGrow((int)announced + 1))
            {
                return (null, TooMany());
            }

            while (true)
            {
                int read = await request.Body.ReadAsync(body.Free, cancellationToken);
                if (read == 0)
                {
                    whole = true;
                    return (body, null);
                }

                body.Length += read;
                if (body.Length > options.BodyBytesMax)
                {
                    return (null, Problem.BodyTooLarge(options.BodyBytesMax));
                }

                if (body.Free.IsEmpty && !body.TryGrow(body.Length * 2))
                {
                    return (null, TooMany());
                }
            }
        }
        finally
        {
            if (!whole)
            {
                body.Dispose();
            }
        }
    }

    private static Problem TooMany() => Problem.Overloaded("Too many bodies are being read.");

    private bool TryReserve(int bytes)
    {
        if (Interlocked.Add(ref _inFlight, bytes) <= options.BodyBytesInFlightMax)
        {
            return true;
        }

        Interlocked.Add(ref _inFlight, -bytes);
        return false;
    }

    /// <summary>A body in a rented buffer.</summary>
    internal sealed class Body(BodyReader owner) : IDisposable
    {
        private byte[] _buffer = [];

        public int Length { get; set; }

        public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

        public Memory<byte> Free => _buffer.AsMemory(Length);

        public bool TryGrow(int bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(bytes);
            if (!owner.TryReserve(larger.Length))
            {
                ArrayPool<byte>.Shared.Return(larger);
                return false;
            }

            Bytes.CopyTo(larger);
            Return();
            _buffer = larger;
            return true;
        }

        public void Dispose()
        {
            Return();
            _buffer = [];
        }

        private void Return()
        {
            if (_buffer.Length > 0)
            {
                Interlocked.Add(ref owner._inFlight, -_buffer.Length);

                // Cleared: the next who rents it has no business with a payment token.
                ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
            }
        }
    }
}
