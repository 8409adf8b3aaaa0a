[
  inputs: ["{mix,.formatter}.exs", "{lib,test,testee}/**/*.{ex,exs}"],
  line_length: 120,
  locals_without_parens: [field: 2, field: 3, arm: 1, arm: 2]
]
