namespace Carousel.Broker.Tests.Log;

/// <summary>A file's bytes, and those of its last flush. Used under the disk's lock.</summary>
internal sealed class SimulatedFile(SimulatedFileSystem disk)
{
    private const int SectorSize = 512;
    private byte[] _bytes = [];
    private int _length;
    private byte[] _flushed = [];

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Write(ReadOnlySpan<byte> bytes, int position)
    {
        int end = position + bytes.Length;
        if (end - _length > disk.FreeBytes)
        {
            // A full disk takes what fits and then refuses.
            int fits = (int)Math.Max(0, _length + disk.FreeBytes - position);
            Grow(Math.Max(_length, position + fits));
            bytes[..fits].CopyTo(_bytes.AsSpan(position));
            throw new IOException("No space left on device");
        }

        Grow(end);
        bytes.CopyTo(_bytes.AsSpan(position));
    }

    public void Grow(int length)
    {
        if (length <= _length)
        {
            return;
        }

        disk.Take(length - _length);
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(length, _bytes.Length * 2));
        }

        _length = length;
    }

    public void SetLength(int length)
    {
        if (length > _length)
        {
            Grow(length);
            return;
        }

        if (disk.FreeBytes != long.MaxValue)
        {
            disk.FreeBytes += _length - length;
        }

        _bytes.AsSpan(length, _length - length).Clear();
        _length = length;
    }

    public void Sync() => _flushed = Bytes.ToArray();

    public void Flip(int position, byte mask) => _bytes[position] ^= mask;

    public SimulatedFile Copy(SimulatedFileSystem target) => new(target) { _bytes = Bytes.ToArray(), _length = _length, _flushed = _flushed };

    /// <summary>Every sector is as it was flushed, or as it was written since; the length is one of the two.</summary>
    public SimulatedFile AfterPowerLoss(SimulatedFileSystem target, Random random)
    {
        ReadOnlySpan<byte> written = Bytes;
        int length = random.Next(2) == 0 ? _flushed.Length : written.Length;
        byte[] found = new byte[length];
        _flushed.AsSpan(0, Math.Min(length, _flushed.Length)).CopyTo(found);
        for (int sector = 0; sector < length; sector += SectorSize)
        {
            int size = Math.Min(SectorSize, Math.Min(length, written.Length) - sector);
            if (size > 0 && random.Next(2) == 0)
            {
                written.Slice(sector, size).CopyTo(found.AsSpan(sector));
            }
        }

        return new SimulatedFile(target) { _bytes = found, _length = length, _flushed = [.. found] };
    }
}
