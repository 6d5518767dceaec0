INSERT INTO product (name, cents) VALUES
  ('apple', 45),
  ('bread', 320),
  ('cheese', 780);
