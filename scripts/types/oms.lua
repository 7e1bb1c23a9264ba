---@meta

-- For the Lua language server: what scripts see. Declarations only; never loaded by orderd.

---@alias oms.question "order.status"|"order.cancel"|"order.number"|"payment.status"|"shipment.status"
---@alias oms.kind "order"|"payment"|"shipment"
---@alias oms.topic
---| "order.placed"
---| "order.updated"
---| "order.canceled"
---| "order.held"
---| "order.released"
---| "order.status_changed"
---| "payment.authorized"
---| "payment.captured"
---| "payment.voided"
---| "payment.failed"
---| "payment.status_set"
---| "payment.paid"
---| "payment.status_changed"
---| "shipment.created"
---| "shipment.updated"
---| "shipment.delivered"
---| "shipment.canceled"
---| "shipment.status_set"
---| "shipment.status_changed"
---| "activity.added"

---@class oms.address
---@field kind "shipping"|"billing"
---@field full_name string?
---@field telephone string?
---@field address1 string?
---@field address2 string?
---@field city string?
---@field province string?
---@field country string?
---@field postcode string?

---@class oms.item
---@field order_item_id integer
---@field product_id string?
---@field sku string
---@field name string?
---@field thumbnail string?
---@field weight integer 1/10000
---@field qty integer
---@field qty_open integer what may still be shipped
---@field qty_shipped integer
---@field qty_delivered integer
---@field qty_canceled integer
---@field qty_returned integer
---@field qty_refunded integer
---@field price integer minor units, as all amounts
---@field final_price integer
---@field final_price_incl_tax integer
---@field tax_percent integer 1/10000
---@field tax_amount integer
---@field discount_amount integer
---@field sub_total integer
---@field total integer
---@field variant_group_id string?
---@field variant_options any
---@field product_custom_options any
---@field stock_tracked boolean

---@class oms.payment
---@field payment_id integer
---@field type "authorize"|"capture"|"void"|"fail"
---@field amount integer
---@field method string?
---@field transaction_id string?
---@field status "succeeded"|"failed"
---@field created_at integer

---@class oms.shipment_item
---@field shipment_id integer
---@field order_item_id integer
---@field qty integer

---@class oms.shipment
---@field shipment_id integer
---@field shipment_number string
---@field carrier string?
---@field tracking_number string?
---@field tracking_url string?
---@field note string?
---@field status string
---@field shipped_at integer?
---@field delivered_at integer?
---@field canceled_at integer?
---@field items oms.shipment_item[]

---@class oms.hold
---@field handle string
---@field reason string?
---@field by string?
---@field at integer

---A read-only order, good until the function it was given to returns. Times: milliseconds.
---@class oms.order
---@field order_id integer
---@field uuid string
---@field order_number string?
---@field version integer
---@field currency string
---@field created_at integer
---@field updated_at integer
---@field status string?
---@field payment_status string?
---@field shipment_status string?
---@field customer_id string?
---@field customer_email string?
---@field customer_full_name string?
---@field sub_total integer
---@field sub_total_incl_tax integer
---@field discount_amount integer
---@field coupon string?
---@field tax_amount integer
---@field shipping_fee_excl_tax integer
---@field shipping_fee_incl_tax integer
---@field grand_total integer
---@field total_qty integer
---@field total_weight integer
---@field shipping_method string?
---@field shipping_method_name string?
---@field shipping_note string?
---@field payment_method string?
---@field payment_method_name string?
---@field amount_authorized integer
---@field amount_captured integer
---@field amount_refunded integer
---@field canceled_at integer?
---@field cancel_reason string?
---@field canceled boolean
---@field tags string[]?
---@field metadata table<string, any>?
---@field historical boolean
---@field items oms.item[]
---@field payments oms.payment[]
---@field shipments oms.shipment[]
---@field holds oms.hold[]
---@field hold oms.hold? the first one
---@field shipping_address oms.address?
---@field billing_address oms.address?

---A read-only event. Fields of its payment, shipment or hold are reached directly, too.
---@class oms.event
---@field type string
---@field seq integer
---@field order_id integer
---@field at integer when it happened
---@field recorded_at integer
---@field actor string?
---@field reason string?
---@field comment string?
---@field customer_notified boolean
---@field payment oms.payment?
---@field shipment oms.shipment?
---@field hold oms.hold?
---@field order_status_from string?
---@field order_status_to string?
---@field payment_status_from string?
---@field payment_status_to string?
---@field shipment_status_from string?
---@field shipment_status_to string?
---@field amount integer?
---@field method string?
---@field transaction_id string?
---@field carrier string?
---@field tracking_number string?
---@field tracking_url string?
---@field note string?
---@field handle string?

---@class oms.status
---@field code string
---@field name string
---@field phase string
---@field badge string
---@field progress string
---@field cancelable boolean

---@class oms.verdict
---@class oms.intent

---@class oms.request
---@field actor string?
---@field reason string?

---@class oms.seq
---@field value integer only grows
---@field year integer

---@class oms.mail_fields
---@field to string
---@field template string
---@field subject string?
---@field data table?

---@class oms.webhook_fields
---@field url string
---@field event string
---@field data table?

---@class oms.notify_fields
---@field channel string
---@field text string
---@field data table?

oms = {}

---Answers a question. One answer a plugin; it replaces the default one.
---@param name oms.question
---@param answer fun(order: oms.order): string, string?
---@overload fun(name: "order.cancel", answer: fun(order: oms.order, request: oms.request): oms.verdict)
---@overload fun(name: "order.number", answer: fun(seq: oms.seq, order: oms.order): string)
function oms.policy(name, answer) end

---Runs after the event is committed; returns what is to be done.
---@param topic oms.topic
---@param hook fun(event: oms.event, order: oms.order): oms.intent|oms.intent[]|nil
function oms.on(topic, hook) end

---@param reason string?
---@return oms.verdict
function oms.allow(reason) end

---@param code string a-z, 0-9 and _
---@param reason string one sentence for people
---@return oms.verdict
function oms.refuse(code, reason) end

---@param kind oms.kind
---@param code string?
---@return oms.status
function oms.status(kind, code) end

---@return integer milliseconds since 1970, of the command or event
function oms.now() end

---@param text string
function oms.log(text) end

---@param fields oms.mail_fields
---@return oms.intent
function oms.mail(fields) end

---@param fields oms.webhook_fields
---@return oms.intent
function oms.webhook(fields) end

---@param fields oms.notify_fields
---@return oms.intent
function oms.notify(fields) end
