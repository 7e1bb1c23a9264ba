-- What the load scripts share. Each thread of wrk has a Lua state of its own; setup() runs in the
-- main one. BASE and COUNT name a range of order ids, of which every thread takes its own part.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

function done(summary, latency)
  local sent = 0
  for _, thread in ipairs(threads) do
    sent = math.max(sent, thread:get("sent") or 0)
  end
  local e = summary.errors
  io.write(("RESULT {\"requests\":%d,\"us\":%d,\"p50\":%d,\"p99\":%d,\"refused\":%d,\"broken\":%d,\"sent\":%d}\n"):format(
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status, e.connect + e.read + e.write + e.timeout, sent * #threads))
end

base = tonumber(os.getenv("BASE") or "1")
count = tonumber(os.getenv("COUNT") or "1")
sent = 0

--- The next order id of this thread, each once.
function next_id()
  local part = math.floor(count / tonumber(os.getenv("THREADS")))
  local id = base + number * part + sent % part
  sent = sent + 1
  return id
end

--- The bytes of a request; wrk.format would build the same at every call.
function http(method, path, body)
  return ("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"):format(
    method, path, #body, body)
end
