using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Carousel.Orders;

namespace Carousel.Gateway.Security;

/// <summary>Finds the secret of the order ids: in the options, or in a file that is made when it isn't there.</summary>
internal static partial class OrderIdKey
{
    public static byte[] Load(GatewayOptions options) => options switch
    {
        { OrderIdKey: { Length: > 0 } hex } => Parse(hex, "Gateway:OrderIdKey"),
        { OrderIdKeyFile: { Length: > 0 } file } => Parse(ReadOrMake(file), $"the file {file}"),
        _ => throw new GatewayOptionsException(
            "The gateway needs a secret for its order ids: set Gateway:OrderIdKeyFile (made if missing), or Gateway:OrderIdKey to the output of openssl rand -hex 32."),
    };

    private static string ReadOrMake(string file)
    {
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            Directory.CreateDirectory(folder);

            // Written aside and put in place, so that an instance starting at the same time reads a whole key, whoever's it is.
            string draft = Path.Combine(folder, $".{Path.GetFileName(file)}.{Guid.NewGuid():N}");
            if (!File.Exists(file))
            {
                var settings = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    settings.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using (var writer = new StreamWriter(draft, settings))
                {
                    writer.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(OrderIdMint.KeyLengthMin)));
                }

                Claim(draft, file);
            }

            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GatewayOptionsException($"The file {file} for the secret of the order ids can't be read or made: {e.Message}");
        }
    }

    /// <summary>Puts the draft in place unless another instance was first; either way, no draft is left.</summary>
    private static void Claim(string draft, string file)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(draft);
            }
        }
        else
        {
            // There, a move looks for the target before it renames, and two instances can both have seen none; a link has one winner (POSIX link, EEXIST).
            bool isPlaced = Link(draft, file) == 0;
            string error = Marshal.GetLastPInvokeErrorMessage();
            File.Delete(draft);
            if (!isPlaced && !File.Exists(file))
            {
                throw new IOException(error);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    private static byte[] Parse(string hex, string where)
    {
        string digits = hex.Trim();
        return digits.Length >= 2 * OrderIdMint.KeyLengthMin && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new GatewayOptionsException(
                $"The secret in {where} must be at least {OrderIdMint.KeyLengthMin} bytes in hex, an even number of digits; make one with: openssl rand -hex 32");
    }
}
