#include "shape/shape.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

struct Tag {
  String Key;
  Opt<String> Value;
};
SURGE_SHAPE(Tag, Key, Value)
struct Thing {
  String Name;
  Opt<Integer> Size;
  List<Tag> Tags;
  Map<String> Labels;
};
SURGE_SHAPE(Thing, Name, Size, Tags, Labels)
SURGE_BINDINGS(Thing, {.member = "Name", .location = Location::Label, .wire_name = "name"})

TEST(Shape, DescribesEveryMemberByNameTypeAndOffset) {
  const Shape& shape = *shape_of<Thing>();
  ASSERT_EQ(shape.members.size(), 4U);
  EXPECT_EQ(shape.members[0].name, "Name");
  EXPECT_EQ(shape.members[2].type->kind, Type::Kind::List);
  EXPECT_EQ(shape.members[2].type->element->shape()->name, "Tag");
  EXPECT_EQ(shape.members[3].offset, offsetof(Thing, Labels));
}

TEST(Shape, GrowAddsAnElementAndEachVisitsIt) {
  Box box(*shape_of<Thing>());
  auto& thing = *static_cast<Thing*>(box.get());
  const auto* tags = find_member(box.shape(), "Tags");
  static_cast<Tag*>(tags->type->grow(&thing.Tags, {}))->Key = "a";
  int count = 0;
  tags->type->each(&thing.Tags, &count, [](void* context, std::string_view, const void* element) {
    *static_cast<int*>(context) += static_cast<const Tag*>(element)->Key == "a" ? 1 : 100;
  });
  EXPECT_EQ(count, 1);
}

TEST(Shape, BindingsOfATypeAreFoundAndAbsentOnesAreEmpty) {
  EXPECT_EQ(find_binding(*shape_of<Thing>(), "Name")->wire_name, "name");
  EXPECT_EQ(find_binding(*shape_of<Thing>(), "Size"), nullptr);
  EXPECT_TRUE(shape_of<Tag>()->bindings().empty());
}

TEST(Shape, StringMemberReadsPlainAndOptionalText) {
  Tag tag{.Key = "k", .Value = "v"};
  EXPECT_EQ(string_member(*shape_of<Tag>(), &tag, "Key"), "k");
  EXPECT_EQ(string_member(*shape_of<Tag>(), &tag, "Value"), "v");
  tag.Value.reset();
  EXPECT_EQ(string_member(*shape_of<Tag>(), &tag, "Value"), std::nullopt);
  EXPECT_EQ(string_member(*shape_of<Tag>(), &tag, "Missing"), std::nullopt);
}

TEST(Shape, TheEmptyShapeHasNoMembers) { EXPECT_TRUE(shape_of<Empty>()->members.empty()); }

}  // namespace
}  // namespace surgetank
