dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  return http("POST", "/api/orders/id:" .. next_id() .. "/refunds",
    '{"reason":"Damaged","items":[{"orderItemId":1,"qty":1}]}')
end
