dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return "GET /api/orders/id:" .. (base + math.random(0, count - 1)) .. " HTTP/1.1\r\nHost: localhost\r\n\r\n"
end
