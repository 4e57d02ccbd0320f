module.exports = {
  displayName: 'workflow-core',
  preset: '../../jest.preset.js',
};
