---@meta

-- For the Lua language server: what scripts see. Declarations only; never loaded by orderd.

---@alias oms.question
---| "order.status"
---| "order.cancel"
---| "order.number"
---| "payment.status"
---| "shipment.status"
---| "order.place"
---| "order.ship"
---| "order.update"
---| "order.series"
---| "order.return"
---| "order.refund"
---| "order.change"
---| "order.split"
---| "document.series"
---| "document.number"
---@alias oms.kind "order"|"payment"|"shipment"
---@alias oms.topic
---| "order.placed"
---| "order.updated"
---| "order.canceled"
---| "order.held"
---| "order.released"
---| "order.status_migrated"
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
---| "items.canceled"
---| "payment.refunded"
---| "payment.charged_back"
---| "refund.confirmed"
---| "return.requested"
---| "return.approved"
---| "return.rejected"
---| "return.canceled"
---| "return.received"
---| "return.refunded"
---| "return.exchanged"
---| "invoice.issued"
---| "invoice.credited"
---| "change.proposed"
---| "change.discarded"
---| "order.changed"
---| "order.split"

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
---@field qty_restocked integer of qty_returned: back on the shelf
---@field qty_shipped_after_cancel integer of qty_shipped: were cancelled when they left
---@field location string? whose stock is reserved
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

---@alias oms.payment_type "authorize"|"capture"|"void"|"fail"|"refund"|"chargeback"

---@class oms.payment
---@field payment_id integer
---@field type oms.payment_type
---@field refund_id integer what a refund's record pays; 0: none
---@field paid_by string? of a refund by another method: the one whose money it is
---@field amount_moved integer to another order, by a split: with it, amount is what was reported
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

---@class oms.refund_item
---@field order_item_id integer
---@field qty integer
---@field amount integer
---@field qty_restocked integer
---@field qty_canceled integer had not left, and left the order with the refund

---@class oms.refund
---@field refund_id integer
---@field credit_memo_number string
---@field amount integer
---@field shipping_amount integer of amount
---@field reason string?
---@field method string?
---@field transaction_id string?
---@field return_id integer 0: not for a return
---@field version integer of the order right after it
---@field created_at integer
---@field keep boolean it said that units which have not left still go
---@field amount_canceled integer what the units that left the order took off its total
---@field items oms.refund_item[]

---@class oms.return_item
---@field order_item_id integer
---@field qty integer announced
---@field reason string?
---@field qty_received integer
---@field qty_restocked integer
---@field condition string?

---@class oms.return
---@field return_id integer
---@field return_number string
---@field status "requested"|"approved"|"rejected"|"received"|"refunded"|"exchanged"|"canceled"
---@field reason string?
---@field note string?
---@field exchange_uuid string? the order sent instead
---@field created_at integer
---@field received_at integer?
---@field items oms.return_item[]

---@class oms.invoice
---@field invoice_id integer
---@field invoice_number string
---@field amount integer below 0: it credits earlier ones
---@field version integer of the order right after it
---@field created_at integer

---@class oms.change
---@field change_id integer
---@field status "proposed"|"confirmed"|"discarded"
---@field request table what was asked for
---@field difference integer of the grand total
---@field reason string?
---@field by string?
---@field created_at integer
---@field closed_at integer?

---@class oms.hold
---@field handle string
---@field reason string?
---@field by string?
---@field at integer

---@alias oms.rollup
---| "pending"
---| "failed"
---| "authorized"
---| "partially_paid"
---| "paid"
---| "partially_refunded"
---| "refunded"
---| "charged_back"
---| "canceled"
---| "partially_canceled"
---| "partially_shipped"
---| "shipped"
---| "partially_delivered"
---| "delivered"
---| "partially_returned"
---| "returned"

---A read-only order, good until the function it was given to returns. Times: milliseconds.
---@class oms.order
---@field order_id integer
---@field uuid string
---@field order_number string?
---@field version integer
---@field store string?
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
---@field amount_charged_back integer of amount_captured
---@field amount_canceled integer of grand_total
---@field amount_outstanding integer left to pay
---@field amount_overpaid integer paid, and the customer's
---@field amount_refundable integer
---@field payment_rollup oms.rollup
---@field shipment_rollup oms.rollup
---@field exchange_of string? uuid of the order whose return this one exchanges
---@field split_of string? uuid of the order that this one was split from
---@field locale string? the language that the customer reads: "de-AT"
---@field canceled_at integer?
---@field cancel_reason string?
---@field canceled boolean
---@field tags string[]?
---@field metadata table<string, any>?
---@field historical boolean
---@field items oms.item[]
---@field payments oms.payment[]
---@field shipments oms.shipment[]
---@field refunds oms.refund[]
---@field returns oms.return[]
---@field invoices oms.invoice[]
---@field changes oms.change[]
---@field holds oms.hold[]
---@field hold oms.hold? the first one
---@field shipping_address oms.address?
---@field billing_address oms.address?

---A read-only event. Fields of what it is about are reached directly, too.
---@class oms.event
---@field type string
---@field seq integer
---@field order_id integer
---@field at integer when it happened
---@field recorded_at integer
---@field actor string?
---@field reason string? the person's; without one, the policies'
---@field policy_reason string? what the policies said, joined by "; "
---@field comment string?
---@field customer_notified boolean
---@field payment oms.payment?
---@field shipment oms.shipment?
---@field hold oms.hold?
---@field refund oms.refund?
---@field rma oms.return?
---@field invoice oms.invoice?
---@field change oms.change?
---@field items table[] the units it is about
---@field credit_memo_number string?
---@field return_id integer?
---@field return_number string?
---@field invoice_number string?
---@field difference integer?
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

---What a question is answered with; made by oms.allow, oms.refuse and oms.hold.
---@class oms.verdict
---@field allowed boolean
---@field code string? of a refusal
---@field reason string?
---@field hold string? handle of the hold to begin with

---@class oms.intent

---@class oms.request
---@field actor string?
---@field reason string? order.cancel, order.return, order.refund
---@field items table[]? order.cancel (nil: the whole order), order.return, order.refund: the units
---@field shipment oms.shipment? order.ship: what is to be sent
---@field changes table<string, boolean>? order.update, order.change: what is to change
---@field difference integer? order.change: of the grand total
---@field amount integer? order.refund
---@field shipping_amount integer? order.refund
---@field method string? order.refund
---@field return_id integer? order.refund
---@field document "invoice"|"credit_memo"|nil document.series
---@field year integer? document.series

---@class oms.seq
---@field value integer only grows; in a series 1, 2, 3 …
---@field year integer
---@field series string? what order.series or document.series answered
---@field document "invoice"|"credit_memo"|nil document.number

---@class oms.store
---@field name string
---@field title string
---@field currency string?
---@field series string?
---@field prefix string?

---Why something was not done. In routes and jobs it is raised; tests get it as the second value.
---@class oms.refusal
---@field code string
---@field message string
---@field policy string? who refused: "order.cancel@default"
---@field status integer? what HTTP says of it: 404, 409, 412, 422, 503

---@class oms.unit
---@field order_item_id integer
---@field qty integer

---@class oms.split_fields
---@field items oms.unit[] that become an order of their own
---@field reason string?

---@class oms.cancel_fields
---@field items oms.unit[]? absent: the whole order
---@field reason string?

---@class oms.refund_fields
---@field amount integer|string|nil minor units, or "12.50"; absent: what items and shipping come to, or all that is left
---@field items { order_item_id: integer, qty: integer, restock: boolean|integer|nil, keep: boolean? }[]?
---@field keep boolean? true: units that have not left still go
---@field shipping boolean|integer|string|nil
---@field reason string?
---@field method string?
---@field transaction_id string?
---@field return_id integer?

---@class oms.return_fields
---@field items { order_item_id: integer, qty: integer, reason: string? }[]
---@field reason string?
---@field status "requested"|"approved"|nil

---@class oms.return_update
---@field status "approved"|"rejected"|"canceled"|"received"|"refunded"
---@field note string?
---@field items { order_item_id: integer, qty: integer, condition: string?, restock: boolean|integer|nil }[]? received; absent: all that was announced
---@field restock boolean?

---@class oms.change_fields
---@field items { order_item_id: integer, qty: integer, tax_amount: integer|string|nil, discount_amount: integer|string|nil }[]? a qty of 0 takes the line off
---@field add table[]? items as place_order takes them
---@field shipping_address table?
---@field billing_address table?
---@field shipping_fee_excl_tax integer|string|nil
---@field shipping_fee_incl_tax integer|string|nil
---@field discount_amount integer|string|nil
---@field tax_amount integer|string|nil
---@field reason string?
---@field currency string? the order's, for integers given outside of its methods

---@class oms.track_fields
---@field carrier string?
---@field tracking_number string
---@field tracking_url string?
---@field shipment_id integer?
---@field status string?

---@class oms.payment_fields
---@field type oms.payment_type
---@field amount integer|string|nil minor units, or "12.50"
---@field created_at integer? when it happened
---@field method string?
---@field transaction_id string?

---@class oms.shipment_fields
---@field carrier string?
---@field tracking_number string?
---@field tracking_url string?
---@field note string?
---@field items oms.unit[]? absent: all that is left
---@field status string? update_shipment
---@field handed_over boolean? create_shipment: has left, though its units were cancelled

---@class oms.hold_fields
---@field handle string
---@field reason string?

---@class oms.update_fields
---@field shipping_note string?
---@field customer_id string?
---@field customer_email string?
---@field customer_full_name string?
---@field tags string[]? replaced whole
---@field metadata table<string, any>? replaced whole
---@field shipping_address table?
---@field billing_address table?

---The order of a composite command, or of a test: each method decides at once. In a command a
---refusal ends it and undoes all; in a test it is returned.
---@class oms.live_order: oms.order
local live_order = {}
---@param reason string|oms.cancel_fields|nil
---@return boolean, oms.refusal?
function live_order:cancel(reason) end
---@param fields oms.refund_fields?
---@return boolean, oms.refusal?
function live_order:refund(fields) end
---@param fields oms.return_fields
---@return boolean, oms.refusal?
function live_order:create_return(fields) end
---@param return_id integer
---@param fields oms.return_update
---@return boolean, oms.refusal?
function live_order:update_return(return_id, fields) end
---@return boolean, oms.refusal?
function live_order:issue_invoice() end
---@return boolean, oms.refusal?
function live_order:credit_invoice() end
---@param fields oms.change_fields
---@return boolean, oms.refusal?
function live_order:propose_change(fields) end
---@param change_id integer?
---@return boolean, oms.refusal?
function live_order:confirm_change(change_id) end
---@param change_id integer?
---@return boolean, oms.refusal?
function live_order:discard_change(change_id) end
---@param fields oms.track_fields
---@return boolean, oms.refusal?
function live_order:track_shipment(fields) end
---@param code string
---@return boolean, oms.refusal?
function live_order:update_payment_status(code) end
---@param code string
---@return boolean, oms.refusal?
function live_order:update_shipment_status(code) end
---@param fields oms.payment_fields
---@return boolean, oms.refusal?
function live_order:add_payment(fields) end
---@param fields oms.shipment_fields?
---@return boolean, oms.refusal?
function live_order:create_shipment(fields) end
---@param shipment_id integer
---@param fields oms.shipment_fields
---@return boolean, oms.refusal?
function live_order:update_shipment(shipment_id, fields) end
---@param fields oms.hold_fields
---@return boolean, oms.refusal?
function live_order:add_hold(fields) end
---@param handle string
---@return boolean, oms.refusal?
function live_order:release(handle) end
---@param comment string
---@param options { customer_notified: boolean? }?
---@return boolean, oms.refusal?
function live_order:add_activity(comment, options) end
---@param template string
---@param options oms.send_mail_options?
---@return boolean, oms.refusal?
function live_order:send_mail(template, options) end
---@param fields oms.update_fields
---@return boolean, oms.refusal?
function live_order:update(fields) end

---@alias oms.ref integer|string|{ order_id: integer } order_id, uuid, order number, or a row
---@alias oms.operator "="|"!="|"<"|"<="|">"|">="|"like"|"in"|"is_null"|"not_null"
---@alias oms.source "items"|"addresses"|"shipments"|"payments"|"refunds"|"returns"|"invoices"|"activities"

---@class oms.query
local query = {}
---@param column string "payment_status", "items.sku"
---@param operator oms.operator
---@param value any
---@return oms.query
function query:where(column, operator, value) end
---@param column string
---@param operator oms.operator
---@param value any
---@return oms.query
function query:and_where(column, operator, value) end
---@param column string
---@param operator oms.operator
---@param value any
---@return oms.query
function query:or_where(column, operator, value) end
---@param source oms.source
---@return oms.query
function query:join(source) end
---@param source oms.source
---@return oms.query
function query:left_join(source) end
---@param column string
---@param direction "asc"|"desc"|nil
---@return oms.query
function query:order_by(column, direction) end
---@param offset integer
---@param count integer at most 1000
---@return oms.query
function query:limit(offset, count) end
---@return table[] rows: columns of orders, and each joined row under its source's name
function query:execute() end
---@return table?
function query:first() end
---@return integer
function query:count() end

---@class oms.transaction
local tx = {}
---@param ref oms.ref
---@param version integer
function tx:require_version(ref, version) end
---@param ref oms.ref
---@param reason string|oms.cancel_fields|nil
function tx:cancel_order(ref, reason) end
---@param ref oms.ref
---@param fields oms.split_fields
function tx:split_order(ref, fields) end
---@param ref oms.ref
---@param code string
function tx:update_payment_status(ref, code) end
---@param ref oms.ref
---@param code string
function tx:update_shipment_status(ref, code) end
---@param ref oms.ref
---@param fields oms.payment_fields
function tx:add_payment(ref, fields) end
---@param ref oms.ref
---@param fields oms.shipment_fields?
function tx:create_shipment(ref, fields) end
---@param ref oms.ref
---@param shipment_id integer
---@param fields oms.shipment_fields
function tx:update_shipment(ref, shipment_id, fields) end
---@param ref oms.ref
---@param fields oms.hold_fields
function tx:hold_order(ref, fields) end
---@param ref oms.ref
---@param handle string
function tx:release_order(ref, handle) end
---@param ref oms.ref
---@param comment string
---@param options { customer_notified: boolean? }?
function tx:add_activity(ref, comment, options) end
---@param ref oms.ref
---@param template string
---@param options oms.send_mail_options?
function tx:send_mail(ref, template, options) end
---@param ref oms.ref
---@param fields oms.update_fields
function tx:update_order(ref, fields) end
---@param ref oms.ref
---@param name string
---@param args table?
function tx:command_order(ref, name, args) end
---@param ref oms.ref
---@param fields oms.refund_fields?
function tx:refund_order(ref, fields) end
---@param ref oms.ref
---@param fields oms.return_fields
function tx:create_return(ref, fields) end
---@param ref oms.ref
---@param return_id integer
---@param fields oms.return_update
function tx:update_return(ref, return_id, fields) end
---@param ref oms.ref
function tx:issue_invoice(ref) end
---@param ref oms.ref
function tx:credit_invoice(ref) end
---@param ref oms.ref
---@param fields oms.change_fields
function tx:propose_change(ref, fields) end
---@param ref oms.ref
---@param change_id integer?
function tx:confirm_change(ref, change_id) end
---@param ref oms.ref
---@param change_id integer?
function tx:discard_change(ref, change_id) end
---@param ref oms.ref
---@param fields oms.track_fields
function tx:track_shipment(ref, fields) end
---@param order table
function tx:place_order(order) end

---@class oms.route_request
---@field method string
---@field path string
---@field params table<string, string>
---@field query table<string, string>
---@field headers table<string, string> names in lower case
---@field body string
---@field json any the body, when it is JSON
---@field actor string?

---@class oms.route_reply
---@field status integer? 200
---@field json any
---@field html string?
---@field text string?
---@field headers table<string, string>?

---@class oms.test
local test = {}
---@param fields table? what is not given is made up
---@return oms.live_order?, oms.refusal?
function test:place(fields) end
---@param fields table?
---@return oms.live_order
function test:order(fields) end
---@param question oms.question
---@param order oms.order
---@param request table?
---@return any, string?
function test:ask(question, order, request) end
---@param command string
---@param order oms.live_order
---@param args table?
---@return boolean, oms.refusal?
function test:run(command, order, args) end
---@param topic oms.topic
---@param order oms.order
---@param fields table? of the event
---@return table[]
function test:emit(topic, order, fields) end
---@param order oms.order
---@return table[]
function test:events(order) end
---The plugin's route that fits, over the orders of the test.
---@param method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@param path string
---@param options { query: table<string, string>?, headers: table<string, string>?, json: any, body: string?, actor: string? }?
---@return { status: integer, json: any, html: string?, text: string?, headers: table<string, string> }
function test:request(method, path, options) end
---A document's HTML, by the plugin's template or else the default one, as the order is now.
---@param document "invoice"|"packing_slip"|"credit_memo"
---@param order oms.order
---@param id integer? of the invoice, shipment or refund; the last
---@return string
function test:print(document, order, id) end

---A mail from its templates, as the order is now. `data` is what the templates see as `part`.
---@param template string
---@param order oms.test_order
---@param options? {language?: string, data?: table, shipment_id?: integer, refund_id?: integer, return_id?: integer}
---@return {subject: string, text: string, html: string?, language: string}
function test:mail(template, order, options) end
---The plugin's job, over the orders of the test.
---@param name string
function test:job(name) end
---A message for the plugin's receiver, over the orders of the test.
---@param source string
---@param message { headers: table<string, string>?, json: any, body: string? }
---@return { outcome: "accepted"|"ignored"|"parked"|"rejected", code: string?, reason: string?, id: string }
function test:receive(source, message) end
---@param time string|integer RFC 3339, or milliseconds
function test:at(time) end
---@param duration string "48h"
function test:after(duration) end
---@param sku string
---@param on_hand integer
---@param options { location: string?, backorder: boolean? }?
function test:stock(sku, on_hand, options) end
---One more store, for this test.
---@param fields { name: string, title: string?, currency: string?, series: string?, prefix: string? }
function test:store(fields) end
---@param got any
---@param wanted any
---@param what string?
function test:equal(got, wanted, what) end
---@param value any
---@param what string?
function test:ok(value, what) end
---@param verdict oms.verdict
function test:allowed(verdict) end
---@param verdict oms.verdict
---@param code string?
function test:refused(verdict, code) end
---@param call fun()
---@param text string? part of the message
function test:raises(call, text) end
---@param text string
function test:fail(text) end

---@class oms.mail_fields
---@field to string
---@field template string
---@field subject string? instead of the template's
---@field data table? what templates see as `part`
---@field language string? "de-AT"; the order's locale, then [shop] language
---@field attach ("invoice"|"packing_slip"|"credit_memo")[]? those that the order has
---@field once string|false? what is told only once; false: told as often as this hook says it
---@field target string? the target that sends it

---@class oms.send_mail_options
---@field to string? the customer
---@field language string?
---@field shipment_id integer? the last
---@field refund_id integer?
---@field return_id integer?
---@field attach ("invoice"|"packing_slip"|"credit_memo")[]?
---@field data table? what templates see as `part`

---@class oms.webhook_fields
---@field url string
---@field event string
---@field data table?

---@class oms.notify_fields
---@field channel string
---@field text string
---@field data table?

---@class oms.run_fields
---@field command string "cancel", "payment", …, or one a plugin registered
---@field order integer? order_id; the event's
---@field args table?

oms = {}

---The plugin's settings, with the types its manifest declares.
---@type table<string, any>
oms.config = {}

---Answers a question. One answer a plugin; it replaces the default one.
---@param name oms.question
---@param answer fun(order: oms.order, request: oms.request): any, string?
---@overload fun(name: "order.number"|"document.number", answer: fun(seq: oms.seq, order: oms.order): string)
---@overload fun(name: "document.series", answer: fun(request: oms.request, order: oms.order): string?)
function oms.policy(name, answer) end

---Runs after the event is committed; returns what is to be done.
---@param topic oms.topic
---@param hook fun(event: oms.event, order: oms.order): oms.intent|oms.intent[]|nil
function oms.on(topic, hook) end

---Several steps on one order, all or none: POST /api/orders/:id/commands/NAME.
---@param name string
---@param command fun(order: oms.live_order, args: table): oms.verdict?
function oms.command(name, command) end

---@param method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@param pattern string "/hello/:name"
---@param options { role: "public"|"reader"|"staff"|"admin"|nil } "staff"
---@param route fun(request: oms.route_request): oms.route_reply?
---@overload fun(method: string, pattern: string, route: fun(request: oms.route_request): oms.route_reply?)
function oms.route(method, pattern, options, route) end

---Runs in one process at a time.
---@param name string
---@param schedule { every: string? , at: string? } "5m", or "03:00" UTC
---@param job fun(job: { name: string, scheduled_at: integer })
function oms.job(name, schedule, job) end

---Messages of another system, POST /webhooks/SOURCE. It may wait, as a route may. Its commands take
---effect once, however often the message comes. A command that is refused because its order is not
---there yet, or not that far, has the message tried again for days.
---@param source string a-z, 0-9 and _
---@param receiver fun(message: oms.message): oms.receipt?
function oms.receiver(source, receiver) end

---@class oms.message
---@field source string
---@field headers table<string, string> names in lower case
---@field body string the bytes as they came
---@field json any the body if it is JSON
---@field received_at integer milliseconds; of a message that had to wait, when it first came

---@class oms.receipt

---What the sender calls this message; before the first command. Without it, the same body is the
---same message.
---@param id string
function oms.message_id(id) end

---What the sender wants to read, with status 200, once the message is taken care of: carried out,
---ignored, parked or kept.
---@param text string
function oms.acknowledge(text) end

---@class oms.signature
---@field secret string|string[] one of them has signed
---@field text string|string[] what was signed; the parts of a list stand one behind the other
---@field signature string|string[]|nil one of them fits
---@field prefix string? before each signature: "sha256="
---@field algorithm "sha256"|"sha512"|"sha1"|nil
---@field encoding "hex"|"base64"|nil
---@field sent_at integer? milliseconds; too far from when the message came it is refused
---@field tolerance integer? milliseconds, five minutes

---Ends the receiver with 401 unless the signature fits.
---@param signature oms.signature
function oms.check_signature(signature) end

---The same by Standard Webhooks 1.0.0, which also has the message's id.
---@param message oms.message
---@param secrets string|string[] "whsec_…": a setting of type `secret`, or texts
---@param tolerance integer? milliseconds, five minutes
function oms.check_webhook(message, secrets, tolerance) end

---The members that the shape names, of the types that it says; else the caller is refused with a
---sentence about the member. Types: text name id ref integer amount count number boolean time any,
---with a ? behind what may be missing; a table is an object, { type } a list.
---@param value any
---@param shape table
---@param where string? before the members' names in the sentence
---@return table
function oms.read(value, shape, where) end

---At most so many bytes of a text, cut between characters, with "…" where it was cut. Reasons have
---2000 bytes at most, comments 4000.
---@param text string
---@param most integer at least 4
---@return string
function oms.shorten(text, most) end

---The orders that have a parcel with this number, or a payment with this id, the oldest first. When
---there is none, the message waits.
---@param by { tracking_number: string?, transaction_id: string? }
---@return integer[] order_ids
function oms.find_orders(by) end

---Try it again later.
---@param reason string
---@return oms.receipt
function oms.park(reason) end

---It says nothing of interest.
---@param reason string
---@return oms.receipt
function oms.ignore(reason) end

---It is not the sender's, or makes no sense: 401 with the code bad_signature, else 422.
---@param code string a-z, 0-9 and _
---@param reason string
---@return oms.receipt
function oms.reject(code, reason) end

---The 32 bytes of the digest.
---@param key string
---@param text string
---@return string
function oms.hmac_sha256(key, text) end

---Whether two secrets are alike, in a time that does not tell where they differ.
---@param a string
---@param b string
---@return boolean
function oms.same(a, b) end

---@param bytes string
---@return string
function oms.hex(bytes) end

---@param hex string
---@return string? nil when it is none
function oms.from_hex(hex) end

---@param bytes string
---@return string
function oms.base64(bytes) end

---@param base64 string with padding or without
---@return string? nil when it is none
function oms.from_base64(base64) end

---In tests/*.lua.
---@param name string
---@param run fun(t: oms.test)
function oms.test(name, run) end

---@param reason string?
---@return oms.verdict
function oms.allow(reason) end

---@param code string a-z, 0-9 and _
---@param reason string one sentence for people
---@return oms.verdict
function oms.refuse(code, reason) end

---order.place: placed, and held in the same moment.
---@param handle string
---@param reason string
---@return oms.verdict
function oms.hold(handle, reason) end

---What the default rules answer.
---@param question oms.question
---@param order oms.order
---@param request oms.request?
---@return any, string?
function oms.default(question, order, request) end

---@param kind oms.kind
---@param code string?
---@return oms.status
function oms.status(kind, code) end

---All codes, in the order of the configuration.
---@param kind oms.kind
---@return string[]
function oms.statuses(kind) end

---What the store's customers read.
---@param kind oms.kind
---@param code string
---@param store string?
---@return string
function oms.status_name(kind, code, store) end

---The status that stands for a rollup.
---@param kind "payment"|"shipment"
---@param rollup oms.rollup
---@return string code
function oms.rollup_status(kind, rollup) end

---@param name string?
---@return oms.store?
function oms.store(name) end

---@return integer milliseconds since 1970, of the command or event
function oms.now() end

---@param ms integer
---@return { year: integer, month: integer, day: integer, hour: integer, minute: integer, second: integer, weekday: integer, yearday: integer }
function oms.date(ms) end

---@param amount integer minor units
---@param currency string
---@return string "59.98"
function oms.format_amount(amount, currency) end

---@param text string|integer "59.98"
---@param currency string
---@return integer minor units
function oms.parse_amount(text, currency) end

---@param text string
function oms.log(text) end

---Marks the table as a list, which is [] in JSON when nothing is in it.
---@generic T: table
---@param list T
---@return T
function oms.list(list) end

---While loading: something about the configuration that `orderd check` is to show.
---@param kind "shadowed_rule"
---@param text string
function oms.finding(kind, text) end

---@param fields oms.mail_fields
---@return oms.intent
function oms.mail(fields) end

---@param fields oms.webhook_fields
---@return oms.intent
function oms.webhook(fields) end

---@param fields oms.notify_fields
---@return oms.intent
function oms.notify(fields) end

---@param fields oms.run_fields
---@return oms.intent
function oms.run(fields) end

---@return oms.query
function oms.orders() end

---@param ref oms.ref
---@return table? the whole order
function oms.order(ref) end

---All commands of fn take effect, or none; the orders after them.
---@param fn fun(tx: oms.transaction)
---@param options { key: string? }? an idempotency key
---@return table[]
function oms.transaction(fn, options) end

---@param ref oms.ref
---@param reason string|oms.cancel_fields|nil
---@return table order
function oms.cancel_order(ref, reason) end

---@param ref oms.ref
---@param fields oms.split_fields
---@return table order the new one
function oms.split_order(ref, fields) end

---@param ref oms.ref
---@param fields oms.refund_fields?
---@return table order
function oms.refund_order(ref, fields) end

---@param ref oms.ref
---@param fields oms.return_fields
---@return table order
function oms.create_return(ref, fields) end

---@param ref oms.ref
---@param return_id integer
---@param fields oms.return_update
---@return table order
function oms.update_return(ref, return_id, fields) end

---@param ref oms.ref
---@return table order
function oms.issue_invoice(ref) end

---@param ref oms.ref
---@return table order
function oms.credit_invoice(ref) end

---@param ref oms.ref
---@param fields oms.change_fields
---@return table order
function oms.propose_change(ref, fields) end

---@param ref oms.ref
---@param change_id integer?
---@return table order
function oms.confirm_change(ref, change_id) end

---@param ref oms.ref
---@param change_id integer?
---@return table order
function oms.discard_change(ref, change_id) end

---@param ref oms.ref
---@param fields oms.track_fields
---@return table order
function oms.track_shipment(ref, fields) end

---@param ref oms.ref
---@param code string
---@return table order
function oms.update_payment_status(ref, code) end

---@param ref oms.ref
---@param code string
---@return table order
function oms.update_shipment_status(ref, code) end

---@param ref oms.ref
---@param fields oms.payment_fields
---@return table order
function oms.add_payment(ref, fields) end

---@param ref oms.ref
---@param fields oms.shipment_fields?
---@return table order
function oms.create_shipment(ref, fields) end

---@param ref oms.ref
---@param shipment_id integer
---@param fields oms.shipment_fields
---@return table order
function oms.update_shipment(ref, shipment_id, fields) end

---@param ref oms.ref
---@param fields oms.hold_fields
---@return table order
function oms.hold_order(ref, fields) end

---@param ref oms.ref
---@param handle string
---@return table order
function oms.release_order(ref, handle) end

---@param ref oms.ref
---@param comment string
---@param options { customer_notified: boolean? }?
---@return table order
function oms.add_activity(ref, comment, options) end
---@param ref oms.ref
---@param template string
---@param options oms.send_mail_options?
---@return table order
function oms.send_mail(ref, template, options) end

---@param ref oms.ref
---@param fields oms.update_fields
---@return table order
function oms.update_order(ref, fields) end

---A plugin's command.
---@param ref oms.ref
---@param name string
---@param args table?
---@return table order
function oms.command_order(ref, name, args) end

---@param order table
---@return table order
function oms.place_order(order) end

---@param sku string
---@param change { qty: integer?, delta: integer?, location: string?, backorder: boolean?, reason: string? }
---@return table stock
function oms.set_inventory(sku, change) end
