#pragma once
// Two small services for the tests of the front door: "gadgets" speaks every RPC protocol, "shelves" rest-json and a data plane.
#include "kernel/operation.h"

namespace surgetank::test {

struct Part {
  String Id;
  Opt<Integer> Count;
};
SURGE_SHAPE(Part, Id, Count)

struct PutGadgetRequest {
  String Name;
  Opt<Integer> Size;
  Opt<double> Weight;
  Opt<bool> Shiny;
  Opt<Instant> MadeAt;
  Opt<Blob> Picture;
  List<Part> Parts;
  Map<String> Labels;
};
SURGE_SHAPE(PutGadgetRequest, Name, Size, Weight, Shiny, MadeAt, Picture, Parts, Labels)

struct PutGadgetResponse {
  PutGadgetRequest Gadget;
  String Account;
  String Region;
  String Principal;
  String RequestId;
  String TraceRoot;
  String TraceParent;
};
SURGE_SHAPE(PutGadgetResponse, Gadget, Account, Region, Principal, RequestId, TraceRoot, TraceParent)

struct ShelfRequest {
  String Name;
  Opt<Integer> Depth;
  Opt<String> Colour;
};
SURGE_SHAPE(ShelfRequest, Name, Depth, Colour)
SURGE_BINDINGS(ShelfRequest, {.member = "Name", .location = Location::Label},
               {.member = "Depth", .location = Location::Query, .wire_name = "depth"})

struct ShelfResponse {
  String Name;
  Opt<Integer> Depth;
  Opt<String> Colour;
};
SURGE_SHAPE(ShelfResponse, Name, Depth, Colour)

extern const Service gadgets;
extern const Service shelves;

}  // namespace surgetank::test
