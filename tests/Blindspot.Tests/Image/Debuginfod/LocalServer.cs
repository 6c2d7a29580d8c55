using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Blindspot.Tests.Image.Debuginfod;

/// <summary>A server of HTTP on 127.0.0.1 that answers as a test wants, well or badly.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string, LocalAnswer> _answer;

    public LocalServer(Func<string, LocalAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Paths in the order in which they were asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string first = await reader.ReadLineAsync(_end.Token) ?? "";
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 })
                {
                }

                string path = first.Split(' ') is [_, string named, ..] ? named : "";
                Requests.Enqueue(path);
                await WriteAsync(stream, _answer(path));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // The client went away, as it should from some answers, or the test is over.
            }
        }
    }

    private async Task WriteAsync(NetworkStream stream, LocalAnswer answer)
    {
        if (answer.HangsAtOnce)
        {
            await Task.Delay(Timeout.Infinite, _end.Token);
        }

        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} x\r\nConnection: close\r\n");
        if (answer.ClaimedLength is { } length)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        }

        if (answer.Location is { } location)
        {
            head.Append(CultureInfo.InvariantCulture, $"Location: {location}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _end.Token);
        await stream.WriteAsync(answer.Body, _end.Token);
        while (answer.DripsForever)
        {
            await stream.WriteAsync(new byte[1], _end.Token);
            await Task.Delay(50, _end.Token);
        }

        if (answer.HangsAfterBody)
        {
            await Task.Delay(Timeout.Infinite, _end.Token);
        }
    }
}
