-- Orders of 2 or 3 items from a catalogue of 1,000, with two addresses.
dofile(os.getenv("BENCH_DIR") .. "/common.lua")

local VARIANTS = 2000 -- made before the clock starts
local ADDRESS = '{"fullName":"Ana Souza","telephone":"+351 210 000 000","address1":"Rua Augusta 1",'
  .. '"address2":"2.º Esq.","city":"Lisboa","province":"Lisboa","country":"PT","postcode":"1100-048"}'
local requests = {}

local function item()
  return ('{"sku":"SKU-%d","productId":"p-%d","name":"Camisola de algodão","weight":0.2,"qty":%d,"price":%d.%02d}'):format(
    math.random(1000, 1999), math.random(1, 1000), math.random(1, 2), math.random(1, 999), math.random(0, 99))
end

local function order()
  local items = {}
  for i = 1, math.random(2, 3) do
    items[i] = item()
  end
  return ('{"currency":"EUR","customer":{"id":"c-%d","email":"ana%d@example.org","fullName":"Ana Souza"},'
    .. '"shippingAddress":%s,"billingAddress":%s,"items":[%s],"shippingFeeInclTax":4.95,'
    .. '"shippingMethod":"post","shippingMethodName":"Post","paymentMethod":"card","paymentMethodName":"Card"}'):format(
    math.random(1, 99999), math.random(1, 99999), ADDRESS, ADDRESS, table.concat(items, ","))
end

function init()
  math.randomseed(number + 1)
  for i = 1, VARIANTS do
    requests[i] = http("POST", "/api/orders", order())
  end
end

function request()
  sent = sent + 1
  return requests[sent % VARIANTS + 1]
end
