#include "kernel/test_gadgets.h"

#include "base/assert.h"
#include "base/text.h"

namespace surgetank::test {
namespace {

constexpr ErrorCode no_gadget{"GadgetNotFoundException", 404, "Gadgets.NonExistentGadget"};
constexpr ErrorCode missing_parameter{"MissingParameter", 400};

Result<PutGadgetResponse> put_gadget(Call& call, const PutGadgetRequest& request) {
  call.txn.put("gadget/" + request.Name, "there");
  return PutGadgetResponse{.Gadget = request,
                           .Account = call.account(),
                           .Region = call.region(),
                           .Principal = call.caller.principal_arn,
                           .RequestId = call.request_id,
                           .TraceRoot = call.trace.root,
                           .TraceParent = call.trace.parent};
}

Result<Empty> find_gadget(Call& call, const PutGadgetRequest& request) {
  if (!call.txn.get("gadget/" + request.Name)) return Error{&no_gadget, "There is no gadget " + request.Name + "."};
  return Empty{};
}

Result<Empty> break_gadget(Call&, const Empty&) {
  SURGE_ASSERT(false, "asked to break");
  return Empty{};
}

Result<Empty> purge_gadgets(Call&, const Empty&) { return Empty{}; }

void await_gadget(Call& call, const Empty&, Reply<Part> reply) {
  call.lane.at(call.now + seconds(3), [reply = std::move(reply)]() mutable { reply(Part{.Id = "late", .Count = std::nullopt}); });
}

Result<ShelfResponse> get_shelf(Call&, const ShelfRequest& request) {
  return ShelfResponse{.Name = request.Name, .Depth = request.Depth, .Colour = request.Colour};
}
Result<Empty> delete_shelf(Call&, const ShelfRequest&) { return Empty{}; }

bool claims_shelf(std::string_view host, std::string_view) { return host.find(".shelf.") != std::string_view::npos; }
void serve_shelf(ServiceContext&, HttpRequest request, HttpReply reply) {
  SURGE_ASSERT(request.path != "/broken", "asked to break");
  reply({.status = 200, .headers = {}, .body = "shelf of " + std::string(request.path)});
}

constexpr Operation gadget_operations[] = {
    op<put_gadget>("PutGadget", Access::Write, "Name"),  op<find_gadget>("FindGadget", Access::Read, "Name"),
    op<break_gadget>("BreakGadget", Access::Write),      op<purge_gadgets>("PurgeGadgets", Access::Internal),
    async_op<await_gadget>("AwaitGadget", Access::Read),
};
constexpr Operation shelf_operations[] = {
    op<get_shelf>("GetShelf", Access::Read, "Name").rest("GET", "/shelves/{Name}"),
    op<get_shelf>("PutShelf", Access::Write, "Name").rest("PUT", "/shelves/{Name}", 201),
    op<delete_shelf>("DeleteShelf", Access::Write, "Name").rest("DELETE", "/shelves/{Name}", 204),
};
constexpr Protocol gadget_protocols[] = {Protocol::RpcV2Cbor, Protocol::Json10, Protocol::Query};
constexpr Protocol shelf_protocols[] = {Protocol::RestJson};

}  // namespace

constinit const Service gadgets{.name = "gadgets",
                                .signing_name = "gadgetry",
                                .target_prefix = "Gadgets_2020",
                                .api_version = "2020-02-20",
                                .xml_namespace = "http://gadgets.example/doc/2020-02-20/",
                                .protocols = gadget_protocols,
                                .operations = gadget_operations,
                                .errors = {.missing_parameter = &missing_parameter, .malformed = nullptr},
                                .request_limit_bytes = 4000,
                                .title = "Gadgets"};
constinit const Service shelves{.name = "shelves",
                                .signing_name = "shelves",
                                .protocols = shelf_protocols,
                                .operations = shelf_operations,
                                .data_plane = {.claims = &claims_shelf, .serve = &serve_shelf}};

}  // namespace surgetank::test
